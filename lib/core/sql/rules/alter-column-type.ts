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
  if (rewrite !== 'no') {
    return rewriteOf(context, table, `${column} is stored as ${writePgType(to)}`, rewrite);
  }
  return combine([
    indexesMadeAgain(table, column, definition, context),
    constraintsCheckedAgain(table, column, context),
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
  if (!indexes.some(({ columns }) => columns.includes(column))) return {};
  return {
    locks: [lock(table, 'ShareLock', 'its indexes on the column are made again')],
    scans:
      collClause === undefined ? [] : [touched(table, 'its indexes are sorted in another order')],
  };
}

function constraintsCheckedAgain(table: SqlName, column: string, context: ClassifyContext): Effect {
  const constraints = factsOf(context, table)?.constraints ?? [];
  const affected = constraints.filter(({ columns }) => columns.includes(column));
  return combine([
    affected.some(({ kind, validated }) => kind === 'check' && validated)
      ? { scans: [touched(table, 'a check constraint on the column is checked again')] }
      : {},
    {
      locks: affected.flatMap(({ references }) =>
        references === undefined
          ? []
          : [lock(references, 'AccessExclusiveLock', 'the foreign key is made again')],
      ),
    },
  ]);
}
