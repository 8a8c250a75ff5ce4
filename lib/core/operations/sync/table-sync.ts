import { quoteName } from '../../sql/sql-name.ts';
import type { SyncRule } from '../lowered.ts';
import type { RowExpression, Scope } from '../row-expression.ts';
import type { ColumnModel, TableModel } from '../schema-model.ts';
import { newPhysical, oldPhysical, type SyncStage } from './sync-names.ts';

/** Everything that both versions of an application write differently in one table. */
export interface TableSync {
  /** The table as SQL until contract. */
  readonly tableSql: string;
  /** The table as SQL once contract may have renamed it. */
  readonly finalSql: string;
  /** As the old application sees it. */
  readonly before: TableModel;
  /** As the new application sees it. */
  readonly after: TableModel;
  readonly rules: readonly ReadRule[];
  readonly writers: Writers;
}

/** A rule whose expressions were read. */
export interface ReadRule {
  readonly rule: SyncRule;
  readonly up: RowExpression | undefined;
  readonly down: RowExpression | undefined;
}

/** How the trigger can tell who writes: by the schemas of versions on the search path. */
export interface Writers {
  /** The schema of views for the new application. */
  readonly newVersion: string | undefined;
  /** Those that old applications may still use. */
  readonly oldVersions: readonly string[];
}

/** The columns of a record as the old application names them. */
export function oldScope({ before, rules }: TableSync, stage: SyncStage, record: string): Scope {
  return new Map(
    written(before).map(({ name }) => {
      const rule = rules.find((each) => each.rule.oldColumn === name)?.rule;
      const physical = (rule && oldPhysical(rule, stage)) ?? name;
      return [name, `${record}.${quoteName(physical)}`];
    }),
  );
}

/** The columns of a record as the new application names them. */
export function newScope({ after, rules }: TableSync, stage: SyncStage, record: string): Scope {
  return new Map(
    written(after).map(({ name }) => {
      const rule = rules.find((each) => each.rule.newColumn === name)?.rule;
      const physical = (rule && newPhysical(rule, stage)) ?? name;
      return [name, `${record}.${quoteName(physical)}`];
    }),
  );
}

/** Generated columns have no value yet when a BEFORE trigger runs. */
export function written(table: TableModel): readonly ColumnModel[] {
  return table.columns.filter(({ generated }) => generated === undefined);
}

/** Columns that only the new application knows: whoever sets one is the new application. */
export function newOnly(
  { rules }: TableSync,
  expression: RowExpression | undefined,
): readonly ReadRule[] {
  return rules.filter(
    ({ rule }) =>
      rule.shadow !== undefined &&
      rule.newColumn !== undefined &&
      expression?.columns.includes(rule.newColumn) === true,
  );
}
