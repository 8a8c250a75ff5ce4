import { findUsers, namedIn, type StatementUser } from '../../core/activity/find-users.ts';
import { shapeOf } from '../../core/activity/same-shape.ts';
import type { TakenAway } from '../../core/activity/taken-away.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import type { Session } from '../../ports/database.ts';
import {
  readCountedStatements,
  readKnownTables,
} from '../../postgres/activity/counted-statements.ts';

export type StillUsed =
  | { readonly kind: 'known'; readonly users: readonly StatementUser[] }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Which statements that the server counted use what is taken away. Reads only.
 * @param own questions of the migration itself, which run under the same counters. @default none
 */
export async function whoStillUses(
  session: Session,
  taken: readonly TakenAway[],
  parser: SqlParser,
  own: readonly string[] = [],
): Promise<StillUsed> {
  const words = taken.flatMap((each) =>
    each.kind === 'index' ? [] : [each.kind === 'column' ? each.column : each.table.name],
  );
  if (words.length === 0) return { kind: 'known', users: [] };
  const counted = await readCountedStatements(session, words);
  if (counted.kind === 'unknown') return counted;
  const shapes = new Set(own.map((sql) => shapeOf(sql, parser)));
  const others = counted.statements.filter(({ query }) => !shapes.has(shapeOf(query, parser)));
  const tables = await readKnownTables(session, namedIn(others, parser));
  return { kind: 'known', users: findUsers(others, taken, tables, parser) };
}
