import type { ColumnDef, Constraint } from 'libpg-query';
import { actionWords, type Converted, foreignKeyTarget } from './constraint.ts';
import { withoutNothing } from './conversion.ts';
import type { SqlText } from './sql-text.ts';

/** Where the type of a column ends. */
const AFTER_TYPE = [
  'not',
  'null',
  'default',
  'check',
  'unique',
  'primary',
  'references',
  'constraint',
  'generated',
  'collate',
  'storage',
  'compression',
];

/** Where the default of a column ends; NULL is no end, because it is an expression too. */
const AFTER_DEFAULT = AFTER_TYPE.filter((word) => word !== 'default' && word !== 'collate');

/**
 * A column as `create_table` and `add_column` have it.
 * @param sql its text, from its name on
 * @param table names constraints that have no name, as PostgreSQL would
 */
export function columnOf(node: ColumnDef, sql: SqlText, table: string): Converted {
  if (node.collClause !== undefined) return { kind: 'refused', why: 'COLLATE has no operation' };
  if (node.storage_name !== undefined || node.compression !== undefined) {
    return { kind: 'refused', why: 'STORAGE and COMPRESSION have no operation' };
  }
  const name = node.colname ?? '';
  const constraints = (node.constraints ?? []).flatMap((each) =>
    'Constraint' in each ? [each.Constraint] : [],
  );
  let column: Record<string, unknown> = {
    name,
    type: sql.skip(1, AFTER_TYPE).text,
    nullable: true,
  };
  for (const constraint of constraints) {
    const added = constraintKeys(constraint, sql, `${table}_${name}`);
    if (added.kind === 'refused') return added;
    const [repeated] = Object.keys(added.value).filter(
      (key) => key !== 'nullable' && key in column,
    );
    if (repeated !== undefined) return { kind: 'refused', why: `a column has one ${repeated}` };
    column = { ...column, ...added.value };
  }
  // What pgroll takes for granted is not written.
  if (column['nullable'] === false || column['pk'] === true) delete column['nullable'];
  return { kind: 'value', value: withoutNothing(column) };
}

function constraintKeys(constraint: Constraint, sql: SqlText, stem: string): Converted {
  const value = (keys: Readonly<Record<string, unknown>>): Converted => ({
    kind: 'value',
    value: keys,
  });
  switch (constraint.contype) {
    case 'CONSTR_NOTNULL':
      return value({ nullable: false });
    case 'CONSTR_NULL':
      return value({ nullable: true });
    case 'CONSTR_DEFAULT':
      return value({ default: sql.after(['default'], AFTER_DEFAULT)?.text });
    case 'CONSTR_PRIMARY':
      return value({ pk: true });
    case 'CONSTR_UNIQUE':
      return value({ unique: true });
    case 'CONSTR_CHECK':
      return value({
        check: withoutNothing({
          name: constraint.conname ?? `${stem}_check`,
          constraint: sql.inside('check')?.text,
          no_inherit: constraint.is_no_inherit === true ? true : undefined,
        }),
      });
    case 'CONSTR_IDENTITY':
      return value({ generated: { identity: identityOf(constraint, sql) } });
    case 'CONSTR_GENERATED':
      return sql.has('virtual')
        ? { kind: 'refused', why: 'a VIRTUAL generated column has no operation' }
        : value({ generated: { expression: sql.inside('as')?.text } });
    case 'CONSTR_FOREIGN':
      return value({ references: referencesOf(constraint, stem) });
    case 'CONSTR_ATTR_DEFERRABLE':
    case 'CONSTR_ATTR_NOT_DEFERRABLE':
    case 'CONSTR_ATTR_DEFERRED':
    case 'CONSTR_ATTR_IMMEDIATE':
      return { kind: 'refused', why: 'DEFERRABLE is said in a constraint of the table' };
    default:
      return { kind: 'refused', why: `${constraint.contype} has no operation` };
  }
}

function identityOf(constraint: Constraint, sql: SqlText) {
  return withoutNothing({
    user_specified_values: constraint.generated_when === 'd' ? 'BY DEFAULT' : 'ALWAYS',
    sequence_options: constraint.options === undefined ? undefined : sql.inside('identity')?.text,
  });
}

function referencesOf(constraint: Constraint, stem: string) {
  const { table, columns } = foreignKeyTarget(constraint);
  return withoutNothing({
    name: constraint.conname ?? `${stem}_fkey`,
    table,
    column: columns[0] ?? 'id',
    on_delete: actionWords(constraint.fk_del_action),
    on_update: actionWords(constraint.fk_upd_action),
  });
}
