import type { TakenAway } from '../../core/activity/taken-away.ts';
import type { TargetActivity } from '../../core/hazards/table-size.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import { type SqlName, sameName, writeName } from '../../core/sql/sql-name.ts';
import type { Session } from '../../ports/database.ts';
import { readIndexScans } from '../../postgres/activity/counted-statements.ts';
import { whoStillUses } from './who-still-uses.ts';

/** What the server counted of what a migration takes away. Reads only. */
export async function readActivity(
  session: Session,
  taken: readonly TakenAway[],
  parser: SqlParser,
): Promise<TargetActivity> {
  const found = await whoStillUses(session, taken, parser);
  const users = found.kind === 'known' ? found.users : [];
  const indexes = taken.flatMap((each) => (each.kind === 'index' ? [each.index] : []));
  const scans = await readIndexScans(session, indexes);
  return {
    traffic: () => undefined,
    viewsUsing: () => [],
    statementsUsing: (wanted) =>
      users
        .filter((user) => isSame(user.taken, wanted))
        .map(({ uses, statement: { role, query } }) => ({ uses, role, query })),
    indexScans: (index: SqlName) => scans.find((each) => each.index === writeName(index)),
  };
}

function isSame(a: TakenAway, b: TakenAway): boolean {
  if (a.kind === 'index' || b.kind === 'index') return false;
  const column = (one: typeof a) => (one.kind === 'column' ? one.column : undefined);
  return sameName(a.table, b.table) && column(a) === column(b);
}
