import { quoteName } from '../sql/sql-name.ts';
import { dropIndexIfThere } from './column/constraint-steps.ts';
import { notNullSteps } from './column/not-null-steps.ts';
import type { KeyConstraint } from './constraint.ts';
import { deferralWords } from './constraint-sql.ts';
import type { StepDraft } from './lowered.ts';
import { findColumn, physicalTable, type SchemaModel, type TableModel } from './schema-model.ts';
import { uniqueIndexSql } from './unique-index-sql.ts';

/**
 * NOT NULL is proved and the index is built while the table is in use; what is left for the key
 * itself is a moment.
 */
export function primaryKeySteps(
  model: SchemaModel,
  table: TableModel,
  key: KeyConstraint,
): readonly StepDraft[] {
  const tableSql = physicalTable(model, table);
  const name = quoteName(key.name);
  const deferral = deferralWords(key.deferral);
  const nullable = key.columns
    .flatMap((column) => findColumn(table, column) ?? [])
    .filter(({ notNull }) => !notNull);
  return [
    ...nullable.flatMap(({ physicalName }) => notNullSteps(tableSql, physicalName)),
    {
      kind: 'statement',
      id: `build_${key.name}`,
      sql: uniqueIndexSql(
        key,
        tableSql,
        (column) => findColumn(table, column)?.physicalName ?? column,
        true,
      ),
      undo: { kind: 'statement', sql: dropIndexIfThere(table, key.name) },
    },
    {
      kind: 'statement',
      id: `use_${key.name}`,
      sql: [
        `alter table ${tableSql} add constraint ${name} primary key using index ${name}`,
        ...(deferral === undefined ? [] : [deferral]),
      ].join(' '),
      undo: { kind: 'statement', sql: `alter table ${tableSql} drop constraint ${name}` },
    },
  ];
}
