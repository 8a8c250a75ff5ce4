import type { z } from 'zod';
import { listOf, part } from '../migration/format/vocabulary.ts';
import { quoteName, writeName } from '../sql/sql-name.ts';
import { ownVersions, whyNotReplaced } from './column/whose-column.ts';
import { ColumnNameFormat, TableNameFormat } from './column-format.ts';
import { CreateTableFormat, createTable } from './create-table.ts';
import { COPY_SOURCE, copyParity } from './extract/copy-parity.ts';
import {
  dropExtractTriggers,
  extractFunctionNames,
  extractFunctions,
  extractTriggers,
  type TwoTables,
  toSql,
} from './extract/two-tables.ts';
import { isRefusal, requireColumns, requireTable } from './find-table.ts';
import type { StepDraft } from './lowered.ts';
import { tombstoneName } from './names.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { readRelationName } from './relation-name.ts';
import { type ColumnModel, findTable, type TableModel, withTable } from './schema-model.ts';

const Format = part('a table, a new table, its key and the columns', {
  table: TableNameFormat.describe('Where the columns are.'),
  name: TableNameFormat.describe('The new table.'),
  key: listOf('a list of column names', ColumnNameFormat, 1).describe(
    'What the primary key of the new table is called: one name for each column of the primary key of the old one, which it refers to.',
  ),
  columns: listOf('a list of column names', ColumnNameFormat, 1).describe('The columns to move.'),
}).meta({
  id: 'extract_table',
  description:
    'Moves columns into a table of their own, with one row for each row. Both tables are written until contract: a new application inserts with ON CONFLICT, because the row may be there already.',
});

/** Both tables are kept in step by triggers, filled in batches, and the old columns go like a dropped column. */
export const extractTable = operationKind({
  name: 'extract_table',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const table = requireTable(context, declared.table);
    if (isRefusal(table)) return table;
    const columns = requireColumns(table, declared.columns);
    if (isRefusal(columns)) return columns;
    const primary = table.constraints.find(({ kind }) => kind === 'primary-key');
    const refusal =
      whyNotExtracted(table, primary?.columns ?? [], declared.key) ??
      columns.map((column) => whyNotMoved(table, column, context)).find((why) => why !== undefined);
    if (refusal !== undefined) return refusal;
    const keys = (primary?.columns ?? []).map((from, index) => ({
      from,
      to: declared.key[index] ?? from,
    }));
    const created = createTable.lower(newTable(declared.name, table, keys, columns), context);
    if (created.kind === 'refused') return created;
    const { schema = context.model.defaultSchema, name } = readRelationName(declared.name);
    const tables: TwoTables = {
      from: table,
      // With its schema: the search path of a new version finds its view first.
      fromSql: writeName({ schema: table.schema, name: table.physicalName }),
      to: { schema, name },
      keys,
      columns,
    };
    const { expand = [], after } = created.lowered;
    return lowered({
      expand: [...expand, ...syncSteps(tables)],
      backfill: [
        { id: 'copy', table: tables.fromSql, work: copyOf(tables), parity: copyParity(tables) },
      ],
      contract: [hideStep(tables, writeName(table))],
      finalize: [removeStep(tables, writeName(table))],
      after: modelAfter(after, table, columns, tables),
    });
  },
});

function whyNotExtracted(
  table: TableModel,
  primary: readonly string[],
  key: readonly string[],
): Refusal | undefined {
  if (primary.length !== key.length || primary.length === 0) {
    return refuse(
      primary.length === 0
        ? `table ${quoteName(table.name)} has no primary key that a row elsewhere could refer to`
        : `the primary key of ${quoteName(table.name)} has ${primary.length} columns (${primary.join(', ')}), key has ${key.length}`,
      { path: ['key'] },
    );
  }
  return table.isNew
    ? refuse(`table ${quoteName(table.name)} is made by this migration: make two tables at once`)
    : undefined;
}

function whyNotMoved(
  table: TableModel,
  column: ColumnModel,
  context: LoweringContext,
): Refusal | undefined {
  const named = `column ${quoteName(column.name)} of ${quoteName(table.name)}`;
  const constraint = table.constraints.find(
    ({ kind, columns }) => kind !== 'not-null' && columns.includes(column.name),
  );
  if (constraint !== undefined) {
    return refuse(`${named} is part of the constraint ${quoteName(constraint.name)}`, {
      path: ['columns'],
      fix: 'drop the constraint first (drop_constraint), and create it on the new table afterwards',
    });
  }
  if (column.changed || column.generated !== undefined || column.identity !== undefined) {
    return refuse(`${named} is generated, or changed by an earlier operation`, {
      path: ['columns'],
      fix: 'leave it where it is',
    });
  }
  if (column.collation !== undefined) {
    return refuse(
      `${named} has the collation ${column.collation}, which a new column cannot be given`,
      {
        path: ['columns'],
      },
    );
  }
  if (column.notNull && column.default === undefined) {
    return refuse(
      `${named} is NOT NULL without a default, so the new application could not insert into ${quoteName(table.name)}`,
      { path: ['columns'], fix: 'give it a default first (alter_column with default)' },
    );
  }
  return whyNotReplaced(table, column, { versions: ownVersions(context), viewsFollow: false });
}

function newTable(
  name: string,
  table: TableModel,
  keys: TwoTables['keys'],
  columns: readonly ColumnModel[],
) {
  const typeOf = (key: string) => table.columns.find((each) => each.name === key)?.type ?? '';
  return CreateTableFormat.parse({
    name,
    columns: [
      ...keys.map((key) => ({ name: key.to, type: typeOf(key.from), pk: true })),
      ...columns.map((column) => ({
        name: column.name,
        type: column.type,
        nullable: !column.notNull,
        ...(column.default === undefined ? {} : { default: column.default }),
        ...(column.comment === undefined ? {} : { comment: column.comment }),
      })),
    ],
    constraints: [
      {
        name: `${readRelationName(name).name}_fkey`,
        type: 'foreign_key',
        columns: keys.map((key) => key.to),
        references: {
          table: `"${table.schema}"."${table.name}"`,
          columns: keys.map((key) => key.from),
          on_delete: 'CASCADE',
          on_update: 'CASCADE',
        },
      },
    ],
  });
}

function syncSteps(tables: TwoTables): readonly StepDraft[] {
  const [forward = '', back = ''] = extractFunctions(tables, 'expand');
  const names = extractFunctionNames(tables);
  const [first = '', ...rest] = extractTriggers(tables);
  const [undoFirst = '', ...undoRest] = dropExtractTriggers(tables, tables.fromSql);
  return [
    {
      kind: 'statement',
      id: 'functions',
      sql: forward,
      together: [back],
      undo: {
        kind: 'statement',
        sql: `drop function ${names[0]}()`,
        together: [`drop function ${names[1]}()`],
      },
    },
    {
      kind: 'statement',
      id: 'triggers',
      sql: first,
      together: rest,
      undo: { kind: 'statement', sql: undoFirst, together: undoRest },
    },
  ];
}

/** Rows that are there were written since, and are right. */
function copyOf(tables: TwoTables) {
  const { keys, columns, fromSql } = tables;
  const into = [...keys.map((key) => key.to), ...columns.map(({ name }) => name)].map(quoteName);
  const values = [...keys.map((key) => key.from), ...columns.map((each) => each.physicalName)].map(
    (name) => `${COPY_SOURCE}.${quoteName(name)}`,
  );
  return {
    kind: 'sql',
    alias: COPY_SOURCE,
    sql: `insert into ${toSql(tables)} (${into.join(', ')}) select ${values.join(', ')} from ${fromSql} as ${COPY_SOURCE} where :range on conflict do nothing`,
  } as const;
}

function hideStep(tables: TwoTables, fromSql: string): StepDraft {
  const rename = (from: string, to: string) =>
    `alter table ${fromSql} rename column ${quoteName(from)} to ${quoteName(to)}`;
  const act = tables.columns.map(({ name }) => rename(name, tombstoneName(name)));
  const undo = tables.columns.map(({ name }) => rename(tombstoneName(name), name));
  const here = { ...tables, fromSql };
  const lock = lockNewTable(tables);
  return {
    kind: 'statement',
    id: 'hide',
    sql: lock,
    together: [...act, ...extractFunctions(here, 'contract')],
    undo: {
      kind: 'statement',
      sql: lock,
      together: [...undo, ...extractFunctions(here, 'expand')],
    },
  };
}

function removeStep(tables: TwoTables, fromSql: string): StepDraft {
  const columns = tables.columns.map(({ name }) => `drop column ${quoteName(tombstoneName(name))}`);
  return {
    kind: 'statement',
    id: 'remove',
    sql: lockNewTable(tables),
    together: [
      ...dropExtractTriggers(tables, fromSql),
      `alter table ${fromSql} ${columns.join(', ')}`,
      ...extractFunctionNames(tables).map((name) => `drop function ${name}()`),
    ],
    undo: {
      kind: 'irreversible',
      why: `the copies of ${tables.columns.map(({ name }) => quoteName(name)).join(', ')} in the old table; the new one has them`,
    },
  };
}

/**
 * The new table before the old one, as the new application locks them: otherwise a write of its could
 * begin with the old function and meet columns that have their new names already.
 */
function lockNewTable(tables: TwoTables): string {
  return `lock table ${toSql(tables)} in share row exclusive mode`;
}

function modelAfter(
  model: LoweringContext['model'],
  table: TableModel,
  columns: readonly ColumnModel[],
  { to }: TwoTables,
): LoweringContext['model'] {
  const names = columns.map(({ name }) => name);
  const without = withTable(model, {
    ...(findTable(model, table) ?? table),
    columns: table.columns.filter((column) => !columns.includes(column)),
    indexes: table.indexes.filter((index) => !index.columns.some((name) => names.includes(name))),
  });
  const made = findTable(without, to);
  // Rows are written from expand on, so that what a later operation does to it is done with care.
  return made === undefined
    ? without
    : withTable(without, {
        ...made,
        isNew: false,
        columns: made.columns.map((column) => ({ ...column, changed: true })),
      });
}
