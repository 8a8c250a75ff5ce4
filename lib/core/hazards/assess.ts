import { blockedBy } from '../sql/lock-conflicts.ts';
import { writeName } from '../sql/sql-name.ts';
import { estimate } from './estimate.ts';
import { blockedByLocks, type Finding, type Severity } from './finding.ts';
import { type Examined, type Match, type RuleFacts, steps } from './rule.ts';
import { BUSY_PER_SECOND, rowsOf, SMALL_TABLE_ROWS, type Traffic } from './table-size.ts';

/** Makes a finding of a match, with the severity that phase, size and traffic give it. */
export function assess(rule: RuleFacts, match: Match, examined: Examined): readonly Finding[] {
  const inPhase = rule.severity[examined.phase];
  if (inPhase === 'silent') return [];
  const { classification, target } = examined;
  const { relation, work } = match;
  const rows = relation === undefined ? undefined : rowsOf(target, relation);
  const { severity, note, negligible } = bySize(match.severity ?? inPhase, match, examined, rows);
  const { strongestLock } = classification;
  const what = strongestLock === undefined ? 'nothing' : blockedBy(strongestLock);
  return [
    {
      rule: rule.id,
      severity,
      message: note === undefined ? match.message : `${match.message} (${note})`,
      why: rule.why,
      relation,
      blocks: blockedByLocks(classification, what),
      duration: estimate(work, rows, relation === undefined ? 'the table' : writeName(relation)),
      saferRewrite: match.saferRewrite ?? steps(rule.safer),
      link: `docs/hazards.md#${rule.id}`,
      ...(negligible === true && { negligible }),
    },
  ];
}

interface Weighed {
  readonly severity: Severity;
  readonly note: string | undefined;
  readonly negligible?: true;
}

/**
 * Work on a small table is over before anybody notices, unless very many use it; work on a table
 * that nobody uses makes nobody wait. Both are only said where the target knows it.
 */
function bySize(
  severity: Severity,
  { relation, work }: Match,
  { activity }: Examined,
  rows: number | undefined,
): Weighed {
  if (work === undefined || relation === undefined) return { severity, note: undefined };
  const traffic = activity?.traffic(relation);
  if (rows !== undefined && rows < SMALL_TABLE_ROWS) {
    return isBusy(traffic) && severity !== 'info'
      ? { severity: 'warning', note: `only about ${rows} rows, but in heavy use` }
      : { severity: 'info', note: `only about ${rows} rows`, negligible: true };
  }
  return severity === 'error' && isIdle(traffic)
    ? { severity: 'warning', note: 'nobody uses it at the moment' }
    : { severity, note: undefined };
}

function isBusy(traffic: Traffic | undefined): boolean {
  return (
    traffic !== undefined && traffic.readsPerSecond + traffic.writesPerSecond >= BUSY_PER_SECOND
  );
}

function isIdle(traffic: Traffic | undefined): boolean {
  return traffic?.readsPerSecond === 0 && traffic.writesPerSecond === 0;
}
