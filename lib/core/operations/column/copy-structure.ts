import type { SqlParser } from '../../sql/parser.ts';
import { quoteName, writeName } from '../../sql/sql-name.ts';
import type { StepDraft, SyncRule } from '../lowered.ts';
import { shadowName, tombstoneName } from '../names.ts';
import type { ConstraintModel, IndexModel, TableModel } from '../schema-model.ts';
import { dropIndexIfThere, uniqueConstraint, validatedConstraint } from './constraint-steps.ts';
import { concurrentIndex, endOfOwnColumns, renameInDefinition } from './rename-in-definition.ts';

/** Indexes and constraints of a column, made again on the column that replaces it. */
export interface CopiedStructure {
  readonly validate: readonly StepDraft[];
  /** The copies take over the names of what they copy. */
  readonly swap: NonNullable<SyncRule['swap']>;
}

export interface CopyOptions {
  readonly parser: SqlParser;
  /** As SQL, until contract. */
  readonly tableSql: string;
  /** What is not copied, by name. */
  readonly leaveOut: ReadonlySet<string>;
}

/**
 * Built after the backfill: an index on a column that is being filled would keep every update from
 * being HOT, and a unique one would be built twice over.
 */
export function copyStructure(
  table: TableModel,
  from: string,
  to: string,
  options: CopyOptions,
): CopiedStructure {
  const constraints = table.constraints.filter(
    ({ kind, name, columns }) =>
      columns.includes(from) && kind !== 'not-null' && !options.leaveOut.has(name),
  );
  const indexes = table.indexes.filter(
    ({ columns, constraint }) => columns.includes(from) && constraint === undefined,
  );
  const parts = [
    ...indexes.map((index) => copyIndex(table, index, from, to, options)),
    ...constraints.map((constraint) => copyConstraint(table, constraint, from, to, options)),
  ];
  return {
    validate: parts.flatMap(({ validate }) => validate),
    swap: parts.flatMap(({ swap }) => swap),
  };
}

function copyIndex(
  table: TableModel,
  index: IndexModel,
  from: string,
  to: string,
  { parser }: CopyOptions,
): CopiedStructure {
  const copy = shadowName(index.name);
  const sql = concurrentIndex(parser, renameInDefinition(parser, index.definition, from, to), copy);
  const rename = (before: string, after: string) =>
    `alter index ${writeName({ schema: table.schema, name: before })} rename to ${quoteName(after)}`;
  return {
    validate: [
      {
        kind: 'statement',
        id: `copy_${index.name}`,
        sql,
        undo: { kind: 'statement', sql: dropIndexIfThere(table, copy) },
      },
    ],
    swap: [
      {
        act: rename(index.name, tombstoneName(index.name)),
        undo: rename(tombstoneName(index.name), index.name),
      },
      { act: rename(copy, index.name), undo: rename(index.name, copy) },
    ],
  };
}

function copyConstraint(
  table: TableModel,
  constraint: ConstraintModel,
  from: string,
  to: string,
  { parser, tableSql }: CopyOptions,
): CopiedStructure {
  const copy = shadowName(constraint.name);
  const { definition, kind } = constraint;
  const until = kind === 'foreign-key' ? endOfOwnColumns(parser, definition) : undefined;
  const renamed = renameInDefinition(parser, definition, from, to, until);
  if (kind === 'primary-key')
    return copyPrimaryKey(table, constraint, from, to, { parser, tableSql });
  return {
    validate:
      kind === 'unique'
        ? uniqueConstraint(
            tableSql,
            copy,
            indexOf(table, constraint, from, to, copy, parser),
            dropIndexIfThere(table, copy),
          )
        : validatedConstraint(tableSql, copy, renamed),
    swap: swapNames(tableSql, constraint.name, copy),
  };
}

/**
 * A table has one primary key, so the swap drops the old one. Its undo needs an index over the old
 * columns at once: a second one is built before, and goes with the old column.
 */
function copyPrimaryKey(
  table: TableModel,
  key: ConstraintModel,
  from: string,
  to: string,
  { parser, tableSql }: Pick<CopyOptions, 'parser' | 'tableSql'>,
): CopiedStructure {
  const name = quoteName(key.name);
  const [next, spare] = [shadowName(key.name), tombstoneName(key.name)];
  const build = (id: string, index: string, columnNow: string): StepDraft => ({
    kind: 'statement',
    id,
    sql: indexOf(table, key, from, columnNow, index, parser),
    undo: { kind: 'statement', sql: dropIndexIfThere(table, index) },
  });
  const drop = `alter table ${tableSql} drop constraint ${name}`;
  const use = (index: string) =>
    `alter table ${tableSql} add constraint ${name} primary key using index ${quoteName(index)}`;
  return {
    validate: [build(`copy_${key.name}`, next, to), build(`keep_${key.name}`, spare, from)],
    swap: [
      { act: drop, undo: use(spare) },
      { act: use(next), undo: drop },
    ],
  };
}

function indexOf(
  table: TableModel,
  constraint: ConstraintModel,
  from: string,
  to: string,
  name: string,
  parser: SqlParser,
): string {
  const index = table.indexes.find((each) => each.constraint === constraint.name);
  const definition = index?.definition ?? '';
  return concurrentIndex(parser, renameInDefinition(parser, definition, from, to), name);
}

/** The copy takes the name, and what it copies becomes a tombstone. @param table as SQL */
export function swapNames(table: string, name: string, copy: string): CopiedStructure['swap'] {
  const rename = (before: string, after: string) =>
    `alter table ${table} rename constraint ${quoteName(before)} to ${quoteName(after)}`;
  const old = tombstoneName(name);
  return [
    { act: rename(name, old), undo: rename(old, name) },
    { act: rename(copy, name), undo: rename(name, copy) },
  ];
}
