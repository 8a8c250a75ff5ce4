import type { ColumnDef, Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { combine, type Effect, lock, touched } from '../effect.ts';
import { type PgType, parsePgType, pgTypeOf, writePgType } from '../pg-type.ts';
import type { SqlName } from '../sql-name.ts';
import { needsRewrite } from '../type-change.ts';
import { columnOf } from '../walk.ts';
import { factsOf, rewriteOf } from './relation-effect.ts';

/** ALTER COLUMN TYPE: a rewrite, unless every stored value is valid as it is. */
export function columnType(
  table: SqlName,
  column: string,
  definition: ColumnDef,
  context: ClassifyContext,
): Effect {
  const to = pgTypeOf(definition.typeName);
  const rewrite = rewriteNeeded(table, column, definition, to, context);
  return combine([
    rewrite === 'no'
      ? unchangedRows(table, column, definition, context)
      : rewriteOf(context, table, `${column} is stored as ${writePgType(to)}`, rewrite),
    foreignKeysMadeAgain(table, column, context),
  ]);
}

/** The catalog changes; what depends on the column is made or checked again. */
function unchangedRows(
  table: SqlName,
  column: string,
  definition: ColumnDef,
  context: ClassifyContext,
): Effect {
  const constraints = factsOf(context, table)?.constraints ?? [];
  const checked = constraints.some(
    ({ kind, columns, validated }) => kind === 'check' && validated && columns.includes(column),
  );
  return combine([
    indexesMadeAgain(table, column, definition, context),
    checked ? { scans: [touched(table, 'a check constraint on the column is checked again')] } : {},
  ]);
}

function rewriteNeeded(
  table: SqlName,
  column: string,
  { raw_default: using }: ColumnDef,
  to: PgType,
  context: ClassifyContext,
): 'no' | 'yes' | 'unknown' {
  if (using !== undefined && !isPlainCast(using, column, to)) return 'yes';
  const facts = factsOf(context, table)?.columns.find(({ name }) => name === column);
  const from = facts === undefined ? undefined : parsePgType(context.parser, facts.type);
  return from === undefined ? 'unknown' : needsRewrite(from, to, context);
}

/** `using a` and `using a::type` say what happens without USING. */
function isPlainCast(using: Node, column: string, to: PgType): boolean {
  if (!('TypeCast' in using)) return columnOf(using) === column;
  const { arg, typeName } = using.TypeCast;
  return columnOf(arg) === column && writePgType(pgTypeOf(typeName)) === writePgType(to);
}

/** Indexes on the column get a new catalog entry; their files are kept unless the collation changes. */
function indexesMadeAgain(
  table: SqlName,
  column: string,
  { collClause }: ColumnDef,
  context: ClassifyContext,
): Effect {
  const indexes = factsOf(context, table)?.indexes ?? [];
  const affected = indexes.filter(({ columns }) => columns.includes(column));
  if (affected.length === 0) return {};
  const made: Effect = {
    locks: [lock(table, 'ShareLock', 'its indexes on the column are made again')],
  };
  if (collClause === undefined) return made;
  const why = 'its order changes with the collation';
  return combine([
    made,
    {
      locks: affected.map(({ name }) => lock(name, 'AccessExclusiveLock', why)),
      scans: [touched(table, 'its indexes are sorted in another order')],
    },
  ]);
}

/** Foreign keys from the column, and to it, are dropped and added under the locks of both. */
function foreignKeysMadeAgain(table: SqlName, column: string, context: ClassifyContext): Effect {
  const facts = factsOf(context, table);
  const affected = (facts?.constraints ?? []).filter(({ columns }) => columns.includes(column));
  const isKey = affected.some(({ kind }) => kind === 'primary-key' || kind === 'unique');
  const others = [
    ...affected.flatMap(({ references }) => references ?? []),
    ...(isKey ? (facts?.referencedBy ?? []) : []),
  ];
  const why = 'the foreign key between them is made again';
  return {
    locks: others.flatMap((other) => [
      lock(other, 'AccessExclusiveLock', why),
      lock(other, 'ShareRowExclusiveLock', why),
    ]),
    scans: others.map((other) => touched(other, why, 'unknown')),
    mayLockMore: facts === undefined,
  };
}
