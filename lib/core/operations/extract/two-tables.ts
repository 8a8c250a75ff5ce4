import { quoteName, writeName } from '../../sql/sql-name.ts';
import { derivedName, tombstoneName } from '../names.ts';
import type { ColumnModel, TableModel } from '../schema-model.ts';

/** Columns of one table that are written in two: where they were, and where they will be. */
export interface TwoTables {
  readonly from: TableModel;
  /** As SQL, until contract. */
  readonly fromSql: string;
  readonly to: { readonly schema: string; readonly name: string };
  /** The primary key of `from`, and what refers to it in `to`, in order. */
  readonly keys: readonly { readonly from: string; readonly to: string }[];
  readonly columns: readonly ColumnModel[];
}

/** After contract the columns of the old table have their tombstone names. */
export type ExtractStage = 'expand' | 'contract';

const FORWARD_TRIGGERS = ['zzz_lk_extract_insert', 'zzz_lk_extract_update'] as const;
const BACK_TRIGGER = 'zzz_lk_extract_back';

/**
 * Keeps a row of each table in step with one of the other, whichever is written.
 *
 * Each function writes only where the values differ, so that a write goes there and not back again:
 * the trigger that it causes finds nothing to do. The backfill inserts what is missing and leaves
 * what is there, because a row that is there was written by one of these functions or by the new
 * application. Two applications that write both rows of one entity at the same moment lock them in
 * opposite order; PostgreSQL ends one of the two (40P01), as with any two writers of two tables.
 */
export function extractFunctions(tables: TwoTables, stage: ExtractStage): readonly string[] {
  return [forwardFunction(tables, stage), backFunction(tables, stage)];
}

export function extractFunctionNames({ to }: TwoTables): readonly string[] {
  return ['lk_from', 'lk_back'].map((suffix) =>
    writeName({ schema: to.schema, name: derivedName(to.name, suffix) }),
  );
}

export function toSql({ to }: TwoTables): string {
  return writeName(to);
}

function forwardFunction(tables: TwoTables, stage: ExtractStage): string {
  const { keys, columns } = tables;
  const names = [...keys.map((key) => key.to), ...columns.map(({ name }) => name)].map(quoteName);
  const values = [
    ...keys.map((key) => quoteName(key.from)),
    ...columns.map((column) => quoteName(oldName(column, stage))),
  ].map((name) => `new.${name}`);
  const list = (record: string) =>
    columns.map(({ name }) => `${record}.${quoteName(name)}`).join(', ');
  const set = columns.map(({ name }) => `${quoteName(name)} = excluded.${quoteName(name)}`);
  return definition(extractFunctionNames(tables)[0] ?? '', [
    `insert into ${toSql(tables)} as kept (${names.join(', ')}) values (${values.join(', ')})`,
    `  on conflict (${keys.map((key) => quoteName(key.to)).join(', ')}) do update set ${set.join(', ')}`,
    `  where row(${list('kept')})::record *<> row(${list('excluded')})::record;`,
  ]);
}

function backFunction(tables: TwoTables, stage: ExtractStage): string {
  const { keys, columns, fromSql } = tables;
  const old = columns.map((column) => quoteName(oldName(column, stage)));
  const set = columns.map(({ name }, index) => `${old[index]} = new.${quoteName(name)}`);
  const match = keys.map((key) => `kept.${quoteName(key.from)} = new.${quoteName(key.to)}`);
  const [kept, given] = [
    old.map((name) => `kept.${name}`),
    columns.map(({ name }) => `new.${quoteName(name)}`),
  ];
  return definition(extractFunctionNames(tables)[1] ?? '', [
    `update ${fromSql} as kept set ${set.join(', ')}`,
    `  where ${match.join(' and ')} and row(${kept.join(', ')})::record *<> row(${given.join(', ')})::record;`,
  ]);
}

function oldName({ name, physicalName }: ColumnModel, stage: ExtractStage): string {
  return stage === 'expand' ? physicalName : tombstoneName(name);
}

function definition(name: string, body: readonly string[]): string {
  return [
    `create or replace function ${name}() returns trigger`,
    'language plpgsql as $lockkeeper$',
    'begin',
    ...body.map((line) => `  ${line}`),
    '  return null;',
    'end',
    '$lockkeeper$',
  ].join('\n');
}

/** Statements that make the triggers of both tables, in one transaction. */
export function extractTriggers(tables: TwoTables): readonly string[] {
  const [forward, back] = extractFunctionNames(tables);
  const { fromSql, columns } = tables;
  const changed = (record: string) =>
    columns.map(({ physicalName }) => `${record}.${quoteName(physicalName)}`).join(', ');
  const when = `row(${changed('old')})::record *<> row(${changed('new')})::record`;
  const [insert, update] = FORWARD_TRIGGERS;
  return [
    `create trigger ${insert} after insert on ${fromSql} for each row execute function ${forward}()`,
    `create trigger ${update} after update on ${fromSql} for each row when (${when}) execute function ${forward}()`,
    `create trigger ${BACK_TRIGGER} after insert or update on ${toSql(tables)} for each row execute function ${back}()`,
    // Rows that arrive by logical replication are kept in step as well.
    `alter table ${fromSql} enable always trigger ${insert}, enable always trigger ${update}`,
  ];
}

/** @param fromSql the old table as it is called when they are dropped */
export function dropExtractTriggers(tables: TwoTables, fromSql: string): readonly string[] {
  return [
    ...FORWARD_TRIGGERS.map((name) => `drop trigger ${name} on ${fromSql}`),
    `drop trigger ${BACK_TRIGGER} on ${toSql(tables)}`,
  ];
}
