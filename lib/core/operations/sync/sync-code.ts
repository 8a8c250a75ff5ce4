import { quoteName } from '../../sql/sql-name.ts';
import { PENDING_COLUMN } from '../names.ts';
import { sqlValue } from '../row-expression.ts';
import { type ColumnModel, findColumn } from '../schema-model.ts';
import { differs } from './differs.ts';
import { newPhysical, oldPhysical, type SyncStage } from './sync-names.ts';
import { newOnly, newScope, oldScope, type ReadRule, type TableSync } from './table-sync.ts';

/** What one rule does in the body of the sync function; each method gives lines of PL/pgSQL. */
export class SyncCode {
  readonly #sync: TableSync;
  readonly #stage: SyncStage;
  readonly #pending: boolean;

  constructor(sync: TableSync, stage: SyncStage, pending: boolean) {
    this.#sync = sync;
    this.#stage = stage;
    this.#pending = pending;
  }

  /** A changed column that the new application gave a value. */
  insertDown(each: ReadRule): readonly string[] {
    const { oldValue, newValue } = this.#sides(each);
    if (oldValue === undefined || newValue === undefined) return [];
    return [
      `if by_new or ${newValue} is not null then`,
      `  ${oldValue} := ${this.#down(each)};`,
      'else',
      `  ${newValue} := ${this.#up(each)};`,
      'end if;',
    ];
  }

  /** An added column that got no value. */
  insertUp(each: ReadRule): readonly string[] {
    const { oldValue, newValue } = this.#sides(each);
    if (oldValue !== undefined || newValue === undefined || each.up === undefined) return [];
    return [
      `if not by_new and ${newValue} is null then`,
      `  ${newValue} := ${this.#up(each)};`,
      'end if;',
    ];
  }

  /** A dropped column, which the new application does not know. */
  insertDropped(each: ReadRule): readonly string[] {
    const { oldValue, newValue } = this.#sides(each);
    if (newValue !== undefined || oldValue === undefined || each.down === undefined) return [];
    const setByNew = this.#newOnlyColumns(each).map((column) => `new.${column} is not null`);
    const empty = this.#oldColumn(each)?.notNull === true ? [`${oldValue} is null`] : [];
    return [
      `if ${['by_new', ...setByNew, ...empty].join(' or ')} then`,
      `  ${oldValue} := ${this.#down(each)};`,
      'end if;',
    ];
  }

  /** A changed or added column of a row that exists. */
  update(each: ReadRule): readonly string[] {
    const { oldValue, newValue } = this.#sides(each);
    if (newValue === undefined) return [];
    const branches = [
      { when: this.#newChanged(each), act: this.#assignDown(each) },
      { when: this.#mustDerive(each), act: this.#assignUp(each) },
      { when: this.#otherNewChanged(each), act: this.#assignDown(each) },
      { when: this.#derivedFromChanged(each), act: this.#assignUp(each) },
    ].filter(({ when, act }) => when !== undefined && act !== undefined);
    // An added column that the new application set needs nothing, but nothing else may overwrite it.
    const guarded = oldValue === undefined ? [{ when: this.#newChanged(each), act: 'null;' }] : [];
    const all = [...guarded, ...branches];
    if (branches.length === 0) return [];
    return [
      ...all.flatMap(({ when, act }, index) => [
        `${index === 0 ? 'if' : 'elsif'} ${when} then`,
        `  ${act}`,
      ]),
      'end if;',
    ];
  }

  /** A dropped column follows the columns that the new application has instead. */
  updateDropped(each: ReadRule): readonly string[] {
    const { oldValue, newValue } = this.#sides(each);
    if (newValue !== undefined || oldValue === undefined || each.down === undefined) return [];
    const changed = this.#otherNewChanged(each);
    if (changed === undefined) return [];
    return [`if ${changed} then`, `  ${oldValue} := ${this.#down(each)};`, 'end if;'];
  }

  /** Columns of which a change concerns the function: the condition of the UPDATE trigger. */
  watched(rules: readonly ReadRule[]): readonly string[] {
    const conditions = rules.flatMap((each) => {
      const { newValue } = this.#sides(each);
      const dropped = newValue === undefined ? this.#otherNewChanged(each) : undefined;
      return [
        ...(newValue === undefined ? [dropped] : [this.#newChanged(each), this.#oldChanged(each)]),
        ...(newValue === undefined
          ? []
          : this.#otherColumns(each).map((name) => this.#changed(name))),
      ].filter((condition) => condition !== undefined);
    });
    return [...new Set(conditions)];
  }

  #sides({ rule }: ReadRule) {
    const value = (name: string | undefined) =>
      name === undefined ? undefined : `new.${quoteName(name)}`;
    return {
      oldValue: value(oldPhysical(rule, this.#stage)),
      newValue: value(newPhysical(rule, this.#stage)),
    };
  }

  #up(each: ReadRule, record: 'new' | 'old' = 'new'): string {
    const scope = oldScope(this.#sync, this.#stage, record);
    return each.up === undefined ? 'null' : sqlValue(each.up, scope, this.#sync.before.name);
  }

  #down(each: ReadRule): string {
    const scope = newScope(this.#sync, this.#stage, 'new');
    return each.down === undefined ? 'null' : sqlValue(each.down, scope, this.#sync.after.name);
  }

  #assignUp(each: ReadRule): string | undefined {
    return each.up && `${this.#sides(each).newValue} := ${this.#up(each)};`;
  }

  #assignDown(each: ReadRule): string | undefined {
    const { oldValue } = this.#sides(each);
    return oldValue && each.down && `${oldValue} := ${this.#down(each)};`;
  }

  #newChanged({ rule }: ReadRule): string | undefined {
    const column = findColumn(this.#sync.after, rule.newColumn ?? '');
    return column && this.#differs(newPhysical(rule, this.#stage) ?? column.name, column);
  }

  #oldChanged({ rule }: ReadRule): string | undefined {
    const column = findColumn(this.#sync.before, rule.oldColumn ?? '');
    return column && this.#differs(oldPhysical(rule, this.#stage) ?? column.name, column);
  }

  /** The row was not filled yet, or the old application wrote. */
  #mustDerive(each: ReadRule): string | undefined {
    if (each.up === undefined) return undefined;
    const reasons = [this.#pending ? `old.${PENDING_COLUMN}` : undefined, this.#oldChanged(each)];
    const known = reasons.filter((reason) => reason !== undefined);
    return known.length === 0 ? undefined : known.join(' or ');
  }

  /** Another column that `up` reads changed, and the new value was derived from the row before. */
  #derivedFromChanged(each: ReadRule): string | undefined {
    const { rule, up } = each;
    const column = findColumn(this.#sync.after, rule.newColumn ?? '');
    const others = this.#otherColumns(each).map((name) => this.#changed(name));
    if (up === undefined || column === undefined || others.length === 0) return undefined;
    const before = `old.${quoteName(newPhysical(rule, this.#stage) ?? column.name)}`;
    const derived = `row(${before})::record *= row(${this.#up(each, 'old')}::${column.type})::record`;
    return `(${others.join(' or ')}) and ${derived}`;
  }

  #otherNewChanged(each: ReadRule): string | undefined {
    const others = newOnly(this.#sync, each.down).filter((other) => other !== each);
    const changed = others.flatMap((other) => this.#newChanged(other) ?? []);
    return changed.length === 0 ? undefined : changed.join(' or ');
  }

  #newOnlyColumns(each: ReadRule): readonly string[] {
    return newOnly(this.#sync, each.down).flatMap(({ rule }) => {
      const physical = newPhysical(rule, this.#stage);
      return physical === undefined ? [] : [quoteName(physical)];
    });
  }

  /** Columns that `up` reads besides the changed one, as the old application names them. */
  #otherColumns({ rule, up }: ReadRule): readonly string[] {
    if (up === undefined) return [];
    return up.columns.filter(
      (name) => name !== rule.oldColumn && findColumn(this.#sync.before, name) !== undefined,
    );
  }

  #changed(name: string): string | undefined {
    const rule = this.#sync.rules.find((each) => each.rule.oldColumn === name)?.rule;
    const column = findColumn(this.#sync.before, name);
    return column && this.#differs((rule && oldPhysical(rule, this.#stage)) ?? name, column);
  }

  #oldColumn({ rule }: ReadRule): ColumnModel | undefined {
    return findColumn(this.#sync.before, rule.oldColumn ?? '');
  }

  #differs(physical: string, column: ColumnModel): string {
    const name = quoteName(physical);
    return differs(`new.${name}`, `old.${name}`, column);
  }
}
