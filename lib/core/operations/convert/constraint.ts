import type { Constraint } from 'libpg-query';
import { nameOfRange, stringsOf } from '../../sql/sql-name.ts';
import { relationText, withoutNothing } from './conversion.ts';
import type { SqlText } from './sql-text.ts';

/** A part of an operation. */
export type Converted =
  | { readonly kind: 'value'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly why: string };

const ACTIONS: Readonly<Record<string, string>> = {
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};

/** NO ACTION is the default and is not written. */
export function actionWords(action: string | undefined): string | undefined {
  return ACTIONS[action ?? ''];
}

export function foreignKeyTarget(constraint: Constraint) {
  return {
    table: relationText(nameOfRange(constraint.pktable)),
    columns: stringsOf(constraint.pk_attrs),
  };
}

/**
 * A constraint of a table, as `create_table` and `create_constraint` have it.
 * @param sql its text
 */
export function tableConstraintOf(constraint: Constraint, sql: SqlText, table: string): Converted {
  const deferral = {
    deferrable: constraint.deferrable === true ? true : undefined,
    initially_deferred: constraint.initdeferred === true ? true : undefined,
  };
  const columns = stringsOf(constraint.keys);
  const named = (suffix: string, ...over: readonly string[]) =>
    constraint.conname ?? [table, ...over, suffix].join('_');
  if (constraint.indexname !== undefined) {
    return { kind: 'refused', why: 'USING INDEX takes over an index that something else made' };
  }
  switch (constraint.contype) {
    case 'CONSTR_UNIQUE':
      return value({
        name: named('key', ...columns),
        type: 'unique',
        columns,
        nulls_not_distinct: constraint.nulls_not_distinct === true ? true : undefined,
        index_parameters: includedOf(constraint),
        ...deferral,
      });
    case 'CONSTR_PRIMARY':
      return value({
        name: named('pkey'),
        type: 'primary_key',
        columns,
        index_parameters: includedOf(constraint),
        ...deferral,
      });
    case 'CONSTR_CHECK':
      return value({
        name: named('check'),
        type: 'check',
        check: sql.inside('check')?.text,
        no_inherit: constraint.is_no_inherit === true ? true : undefined,
      });
    case 'CONSTR_FOREIGN':
      return foreignKey(constraint, named('fkey', ...stringsOf(constraint.fk_attrs)), deferral);
    default:
      return { kind: 'refused', why: `${words(constraint.contype)} has no operation` };
  }
}

function foreignKey(
  constraint: Constraint,
  name: string,
  deferral: Readonly<Record<string, unknown>>,
): Converted {
  const { table, columns } = foreignKeyTarget(constraint);
  if (columns.length === 0) {
    return {
      kind: 'refused',
      why: `the columns of ${table} that the foreign key points to are not written; write them`,
    };
  }
  const setColumns = stringsOf(constraint.fk_del_set_cols);
  return value({
    name,
    type: 'foreign_key',
    columns: stringsOf(constraint.fk_attrs),
    references: withoutNothing({
      table,
      columns,
      on_delete: actionWords(constraint.fk_del_action),
      on_delete_set_columns: setColumns.length > 0 ? setColumns : undefined,
      on_update: actionWords(constraint.fk_upd_action),
      match_type: constraint.fk_matchtype === 'f' ? 'FULL' : undefined,
    }),
    ...deferral,
  });
}

function includedOf(constraint: Constraint) {
  const columns = stringsOf(constraint.including);
  return columns.length === 0 ? undefined : { include_columns: columns };
}

const value = (keys: Readonly<Record<string, unknown>>): Converted => ({
  kind: 'value',
  value: withoutNothing(keys),
});

const words = (contype: string | undefined) =>
  (contype ?? 'it').replace('CONSTR_', '').toLowerCase().replaceAll('_', ' ');
