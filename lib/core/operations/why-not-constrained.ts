import { writeName } from '../sql/sql-name.ts';
import type { Constraint } from './constraint.ts';
import { type LoweringContext, type Refusal, refuse } from './operation-kind.ts';
import { findTable, type TableModel } from './schema-model.ts';

/** From PostgreSQL 18 on a foreign key of a partitioned table can be NOT VALID. */
const PARTITIONED_NOT_VALID_FROM = 18;

/** What keeps a table from getting this constraint, or from getting it while it is in use. */
export function whyNotConstrained(
  constraint: Constraint,
  table: TableModel,
  context: LoweringContext,
): Refusal | undefined {
  return (
    whyNameTaken(constraint, table, context) ??
    (table.isNew ? undefined : whyNotInUse(constraint, table, context))
  );
}

function whyNameTaken(
  { name, kind }: Constraint,
  table: TableModel,
  { model, before }: LoweringContext,
): Refusal | undefined {
  const path = ['name'];
  if (table.constraints.some((each) => each.name === name)) {
    return refuse(`${table.name} has a constraint ${name} already`, { path });
  }
  const old = findTable(before, { schema: table.schema, name: table.physicalName });
  if (old?.constraints.some((each) => each.name === name)) {
    return refuse(`the constraint ${name} of ${table.name} stays until finalize`, {
      path,
      fix: 'give the new one another name',
    });
  }
  if (kind === 'check' || kind === 'foreign-key') return undefined;
  const taken = model.tables.some(
    ({ schema, name: other, indexes }) =>
      schema === table.schema && (other === name || indexes.some((index) => index.name === name)),
  );
  return taken
    ? refuse(
        `${writeName({ schema: table.schema, name })} is there already, and a key needs an index of its name`,
        { path },
      )
    : undefined;
}

function whyNotInUse(
  constraint: Constraint,
  table: TableModel,
  { model }: LoweringContext,
): Refusal | undefined {
  const { kind, name } = constraint;
  if (kind === 'exclusion') {
    return refuse(
      `the index of the exclusion constraint ${name} can only be built while nobody can use ${table.name}: PostgreSQL has no concurrent way`,
      {
        path: ['type'],
        fix: 'create a new table that has it (create_table), and move the rows there; or sql, at a quiet hour',
      },
    );
  }
  const key = table.constraints.find((each) => each.kind === 'primary-key');
  if (kind === 'primary-key' && key !== undefined) {
    return refuse(`${table.name} has a primary key already: ${key.name}`, {
      path: ['type'],
      fix: 'unique is a key as well; to replace the primary key, drop_constraint in an earlier migration',
    });
  }
  return table.kind === 'partitioned-table'
    ? whyNotPartitioned(constraint, table, model)
    : undefined;
}

function whyNotPartitioned(
  constraint: Constraint,
  table: TableModel,
  { serverVersion }: LoweringContext['model'],
): Refusal | undefined {
  const { kind, name } = constraint;
  if (kind === 'unique' || kind === 'primary-key') {
    return refuse(
      `${name} cannot rest on an index that was built before: PostgreSQL refuses USING INDEX on the partitioned table ${table.name}`,
      { path: ['type'], fix: 'create_index with unique: true, which keeps duplicates out as well' },
    );
  }
  if (kind === 'foreign-key' && serverVersion < PARTITIONED_NOT_VALID_FROM) {
    return refuse(
      `PostgreSQL ${serverVersion} cannot add ${name} to the partitioned table ${table.name} without checking every row at once`,
      { path: ['type'], fix: 'create_constraint on each partition' },
    );
  }
  return kind === 'check' && constraint.noInherit
    ? refuse(`the rows of ${table.name} are all in its partitions, which no_inherit leaves out`, {
        path: ['no_inherit'],
      })
    : undefined;
}
