import { takenAwayBy } from '../../activity/taken-away.ts';
import { writeName } from '../../sql/sql-name.ts';
import { type Examined, inPhases, type Match, type StatementRule, steps } from '../rule.ts';

/** What the server's own counters say about who would miss it. */
export const ACTIVITY_RULES: readonly StatementRule[] = [
  {
    id: 'still-used',
    severity: inPhases('error', { contract: 'warning', finalize: 'warning' }),
    why: 'the server has counted statements that use it, and the next one of them fails, or is slow without its index',
    safer:
      'deploy code that does not use it, wait until its statements are not counted any more, and take it away in contract',
    source: 'pg_stat_statements and pg_stat_user_indexes; no other tool',
    find: (examined) =>
      takenAwayBy(examined.statement.node).flatMap((each) => usersOf(examined, each)),
  },
];

/** Enough to find the code; a query's constants are taken out by the server. */
const SHOWN = 120;

function usersOf(
  { activity, target }: Examined,
  taken: ReturnType<typeof takenAwayBy>[number],
): readonly Match[] {
  if (taken.kind === 'index') {
    const scans = activity?.indexScans?.(taken.index);
    if (scans === undefined || scans.scans === 0) return [];
    const last = scans.lastScan === undefined ? '' : `, last at ${scans.lastScan}`;
    return [
      {
        message: `${writeName(taken.index)} is used by queries${last}`,
        severity: 'warning',
        relation: target.catalog?.relation(taken.index)?.table,
        saferRewrite: steps('see which queries use it (explain), and drop it when none does'),
      },
    ];
  }
  const users = activity?.statementsUsing?.(taken) ?? [];
  const [first] = users;
  if (first === undefined) return [];
  const more = users.length === 1 ? '' : `, and ${users.length - 1} more`;
  return [
    {
      message: `${first.uses} is used by a statement of ${first.role}: ${shortened(first.query)}${more}`,
      relation: taken.table,
    },
  ];
}

function shortened(query: string): string {
  const line = query.replace(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 3)}...` : line;
}
