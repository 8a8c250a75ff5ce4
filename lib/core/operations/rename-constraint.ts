import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { quoteName } from '../sql/sql-name.ts';
import { isSame, nameOf } from './change-model.ts';
import { TableNameFormat } from './column-format.ts';
import { ConstraintNameFormat } from './constraint-format.ts';
import { isRefusal, requireTable } from './find-table.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  refuse,
} from './operation-kind.ts';
import {
  finalTable,
  physicalTable,
  type SchemaModel,
  type TableModel,
  withFixedColumns,
} from './schema-model.ts';

const Format = part('a mapping with table, from and to', {
  table: TableNameFormat,
  from: ConstraintNameFormat,
  to: ConstraintNameFormat,
}).meta({
  id: 'rename_constraint',
  description: 'Gives a constraint, and its index, another name at contract.',
});

/** At contract: ON CONFLICT ON CONSTRAINT of the old application names it. Its index is renamed too. */
export const renameConstraint = operationKind({
  name: 'rename_constraint',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const table = requireTable(context, declared.table);
    if (isRefusal(table)) return table;
    const { from, to } = declared;
    if (!table.constraints.some(({ name }) => name === from)) {
      return refuse(`there is no constraint ${from} on the table ${table.name}`, {
        path: ['from'],
      });
    }
    if (table.constraints.some(({ name }) => name === to)) {
      return refuse(`there is a constraint ${to} on the table ${table.name} already`, {
        path: ['to'],
      });
    }
    const { model } = context;
    const name = table.isNew ? physicalTable(model, table) : finalTable(model, table);
    const rename = (before: string, after: string) =>
      `alter table ${name} rename constraint ${quoteName(before)} to ${quoteName(after)}`;
    const step = {
      kind: 'statement',
      id: 'rename',
      sql: rename(from, to),
      undo: { kind: 'statement', sql: rename(to, from) },
    } as const;
    const after = withRenamed(model, table, from, to);
    return lowered(table.isNew ? { expand: [step], after } : { contract: [step], after });
  },
});

function columnsOf({ constraints }: TableModel, name: string): readonly string[] {
  return constraints.find((constraint) => constraint.name === name)?.columns ?? [];
}

function withRenamed(model: SchemaModel, table: TableModel, from: string, to: string): SchemaModel {
  const now = (name: string) => (name === from ? to : name);
  return {
    ...model,
    tables: model.tables.map((each) => ({
      ...each,
      ...(each === table && {
        columns: withFixedColumns(each, columnsOf(each, from)).columns,
        constraints: each.constraints.map((known) => ({ ...known, name: now(known.name) })),
        indexes: each.indexes.map((index) =>
          index.constraint === from ? { ...index, name: to, constraint: to } : index,
        ),
      }),
      referencedBy: each.referencedBy.map((reference) =>
        isSame(reference.table, nameOf(table))
          ? { ...reference, constraint: now(reference.constraint) }
          : reference,
      ),
    })),
  };
}
