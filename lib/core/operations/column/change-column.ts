import { quoteName, writeName } from '../../sql/sql-name.ts';
import type { StepDraft, SyncRule } from '../lowered.ts';
import { type LoweringContext, type Refusal, refuse } from '../operation-kind.ts';
import { isColumn, type RowExpression, substituted } from '../row-expression.ts';
import {
  type ColumnModel,
  type ConstraintModel,
  physicalTable,
  type TableModel,
  withColumn,
} from '../schema-model.ts';
import { columnGrants } from '../view-likeness.ts';
import { commentSql } from './comment.ts';
import { copyStructure } from './copy-structure.ts';
import { type NotNullOfCopy, notNullOfCopy } from './not-null-of-copy.ts';
import { dependentsOf, ownVersions, whyNotReplaced } from './whose-column.ts';
import { whyNotCopied } from './why-not-copied.ts';

/** A column that gets another one beside it, which takes its place at contract. */
export interface ColumnChange {
  readonly table: TableModel;
  readonly column: ColumnModel;
  /** What it is called afterwards. */
  readonly name: string;
  /** The physical name of the new one until contract. */
  readonly shadow: string;
  /** Afterwards, as format_type() prints it. */
  readonly type: string;
  readonly notNull: boolean;
  /** The default afterwards, as SQL; null: none. @default - the present one, through `up` */
  readonly default?: string | null;
  /** The comment afterwards; null: none. @default - the present one */
  readonly comment?: string | null;
  readonly up: RowExpression;
  readonly down: RowExpression;
  /** Constraints that the new column does not get, by name. */
  readonly without?: ReadonlySet<string>;
  /** Steps that give the new column further constraints, after NOT NULL and the copied ones. */
  readonly constraints?: readonly StepDraft[];
  /** The same, for the schema that later operations meet. */
  readonly constraintModels?: readonly ConstraintModel[];
}

export interface ChangedColumn {
  readonly kind: 'changed';
  readonly expand: readonly StepDraft[];
  readonly validate: readonly StepDraft[];
  readonly sync: SyncRule;
  readonly table: TableModel;
}

/**
 * Replaces a column by another one: made in expand without constraints, kept in step by triggers,
 * filled by the backfill, given NOT NULL, indexes and constraints after that, and swapped in at
 * contract, when the old one becomes a tombstone that is kept in step until finalize.
 */
export function changeColumn(
  change: ColumnChange,
  context: LoweringContext,
): ChangedColumn | Refusal {
  const { table, column, name, shadow, type } = change;
  const versions = ownVersions(context);
  const viewsFollow = type === column.type && name === column.name;
  const refusal =
    whyNotReplaced(table, column, { versions, viewsFollow }) ??
    whyNotCopied(table, column, change.without);
  if (refusal !== undefined) return refusal;
  const defaultAfter = defaultOf(change);
  if (typeof defaultAfter === 'object' && defaultAfter !== null) return defaultAfter;

  const tableSql = physicalTable(context.model, table);
  const collation =
    column.collation !== undefined && isText(type) ? ` collate ${column.collation}` : '';
  const copied = copyStructure(table, column.name, shadow, {
    parser: context.parser,
    tableSql,
    leaveOut: change.without ?? new Set(),
  });
  const grants = columnGrants(tableSql, shadow, column.grants ?? []);
  const notNull = change.notNull
    ? notNullOfCopy(change, tableSql, context.model.serverVersion)
    : undefined;
  const views = dependentsOf(table, column, versions).flatMap(({ kind, relation, definition }) => {
    if (kind !== 'view' || relation === undefined || definition === undefined) return [];
    const sql = `create or replace view ${writeName(relation)} as ${definition.replace(/;\s*$/, '')}`;
    return [{ act: sql, undo: sql }];
  });
  return {
    kind: 'changed',
    expand: [
      {
        kind: 'statement',
        id: 'add',
        sql: `alter table ${tableSql} add column ${quoteName(shadow)} ${type}${collation}`,
        ...(grants.length === 0 ? {} : { together: grants }),
        undo: {
          kind: 'statement',
          sql: `alter table ${tableSql} drop column ${quoteName(shadow)}`,
        },
      },
    ],
    validate: [...(notNull?.validate ?? []), ...copied.validate, ...(change.constraints ?? [])],
    sync: {
      table,
      oldColumn: column.name,
      newColumn: name,
      shadow,
      up: change.up.text,
      down: change.down.text,
      backfill: true,
      swap: [
        ...defaultSwap(tableSql, name, shadow, defaultAfter),
        ...ownedSequence(table, column, name, defaultAfter),
        ...commentSwap(tableSql, name, shadow, commentOf(change)),
        ...(notNull?.swap ?? []),
        ...copied.swap,
        ...views,
      ],
    },
    table: afterwards(change, defaultAfter, notNull),
  };
}

/** The default as SQL, null for none, or why there is no answer. */
function defaultOf({ table, column, type, up, ...change }: ColumnChange): string | null | Refusal {
  if (change.default !== undefined) return change.default;
  if (column.default === undefined) return null;
  if (type === column.type) return column.default;
  const alone = !up.needsScope && up.columns.every((name) => name === column.name);
  if (alone) return `(${substituted(up, () => `(${column.default})`)})`;
  return refuse(
    `column ${quoteName(column.name)} of ${quoteName(table.name)} has the default ${column.default}, and what it is in type ${type} cannot be told from up`,
    { fix: 'write the default of the new type: default: ...' },
  );
}

function commentOf({ column, comment }: ColumnChange): string | undefined {
  return comment === undefined ? column.comment : (comment ?? undefined);
}

type Swap = NonNullable<SyncRule['swap']>;

function defaultSwap(table: string, name: string, shadow: string, value: string | null): Swap {
  if (value === null) return [];
  return [
    {
      act: `alter table ${table} alter column ${quoteName(name)} set default ${value}`,
      undo: `alter table ${table} alter column ${quoteName(shadow)} drop default`,
    },
  ];
}

/** A sequence that belongs to the old column would be dropped with it. */
function ownedSequence(
  table: TableModel,
  column: ColumnModel,
  name: string,
  value: string | null,
): Swap {
  const { ownedSequence: sequence } = column;
  if (sequence === undefined || !/\bnextval\(/i.test(value ?? '')) return [];
  const owner = (columnName: string) =>
    `alter sequence ${sequence} owned by ${writeName({ schema: table.schema, name: table.physicalName })}.${quoteName(columnName)}`;
  return [{ act: owner(name), undo: owner(column.name) }];
}

function commentSwap(
  table: string,
  name: string,
  shadow: string,
  comment: string | undefined,
): Swap {
  if (comment === undefined) return [];
  return [
    {
      act: commentSql(table, name, comment),
      undo: commentSql(table, shadow, undefined),
    },
  ];
}

const isText = (type: string) => /^(?:text|character varying|character)/.test(type);

function afterwards(
  change: ColumnChange,
  defaultAfter: string | null,
  newNotNull: NotNullOfCopy | undefined,
): TableModel {
  const { table, column, name, shadow, type, notNull } = change;
  const renamed = (columns: readonly string[]) =>
    columns.map((each) => (each === column.name ? name : each));
  const isGone = ({ kind, columns }: ConstraintModel) =>
    kind === 'not-null' && !notNull && columns.includes(column.name);
  const kept = table.constraints.filter(
    (each) => change.without?.has(each.name) !== true && !isGone(each),
  );
  return {
    ...withColumn(table, column.name, {
      name,
      physicalName: shadow,
      type,
      notNull,
      default: defaultAfter ?? undefined,
      comment: commentOf(change),
      changed: true,
    }),
    indexes: table.indexes
      .filter(
        ({ constraint }) => constraint === undefined || change.without?.has(constraint) !== true,
      )
      .map((index) => ({ ...index, columns: renamed(index.columns) })),
    constraints: [
      ...kept.map((each) => ({ ...each, columns: renamed(each.columns) })),
      ...(newNotNull?.model === undefined ? [] : [newNotNull.model]),
      ...(change.constraintModels ?? []),
    ],
  };
}

/** Whether the two expressions leave a value as it is. */
export function keepsValues(
  change: Pick<ColumnChange, 'up' | 'down' | 'column' | 'name'>,
): boolean {
  return isColumn(change.up, change.column.name) && isColumn(change.down, change.name);
}
