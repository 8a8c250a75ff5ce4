import { quoteName, type SqlName, writeName } from '../sql/sql-name.ts';
import type { Constraint, Deferral, IndexParameters } from './constraint.ts';

export interface ConstraintSqlOptions {
  /** How the table that a foreign key references is written now. @default - by its own name */
  readonly referenced?: (table: SqlName) => string;
  /** What columns of the table are called now. @default - as declared */
  readonly column?: (name: string) => string;
}

/** `constraint positive check (total > 0)`, as CREATE TABLE and ADD take it. */
export function constraintSql(constraint: Constraint, options: ConstraintSqlOptions = {}): string {
  return `constraint ${quoteName(constraint.name)} ${constraintBody(constraint, options)}`;
}

/** What stands behind the name. */
export function constraintBody(
  constraint: Constraint,
  { referenced = writeName, column = (name) => name }: ConstraintSqlOptions = {},
): string {
  const list = (columns: readonly string[]) => columnList(columns.map(column));
  switch (constraint.kind) {
    case 'check':
      return words(
        `check (${constraint.expression})`,
        constraint.noInherit ? 'no inherit' : undefined,
      );
    case 'unique':
    case 'primary-key':
      return words(
        keyWords(constraint),
        list(constraint.columns),
        ...indexWords(constraint.index, column),
        deferralWords(constraint.deferral),
      );
    case 'foreign-key':
      return words(
        `foreign key ${list(constraint.columns)}`,
        `references ${referenced(constraint.table)} ${columnList(constraint.references)}`,
        constraint.match === 'FULL' ? 'match full' : undefined,
        action('delete', constraint.onDelete, constraint.onDeleteColumns.map(column)),
        action('update', constraint.onUpdate, []),
        deferralWords(constraint.deferral),
      );
    case 'exclusion':
      return words(
        'exclude',
        constraint.method === undefined ? undefined : `using ${quoteName(constraint.method)}`,
        `(${constraint.elements})`,
        ...indexWords(constraint.index, column),
        constraint.predicate === undefined ? undefined : `where (${constraint.predicate})`,
        deferralWords(constraint.deferral),
      );
  }
}

function keyWords(constraint: Constraint & { readonly kind: 'unique' | 'primary-key' }): string {
  if (constraint.kind === 'primary-key') return 'primary key';
  return constraint.nullsNotDistinct ? 'unique nulls not distinct' : 'unique';
}

/** `("a", b)` */
export function columnList(columns: readonly string[]): string {
  return `(${columns.map(quoteName).join(', ')})`;
}

/** INCLUDE, WITH and the tablespace of an index behind a constraint. */
function indexWords(
  { include, storage, tablespace }: IndexParameters,
  column: (name: string) => string,
): readonly (string | undefined)[] {
  return [
    include.length === 0 ? undefined : `include ${columnList(include.map(column))}`,
    storage === undefined ? undefined : `with (${storage})`,
    tablespace === undefined ? undefined : `using index tablespace ${quoteName(tablespace)}`,
  ];
}

export function deferralWords(deferral: Deferral): string | undefined {
  return deferral === 'no' ? undefined : `deferrable ${deferral}`;
}

function action(event: string, what: string, columns: readonly string[]): string | undefined {
  if (what === 'NO ACTION') return undefined;
  const list = columns.length === 0 ? '' : ` ${columnList(columns)}`;
  return `on ${event} ${what.toLowerCase()}${list}`;
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ');
}
