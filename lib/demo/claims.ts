import type { DemoFacts, MigrationFacts } from './demo-facts.ts';
import { count, milliseconds } from './report-numbers.ts';

/** Something the demo promises, and whether it was so. */
export interface Claim {
  readonly text: string;
  readonly held: boolean;
  /** The numbers behind it. */
  readonly evidence: string;
}

/**
 * What a migration may cost its users. Two rungs of the lock ladder and a batch of 100 ms stay far
 * below it; a statement that scans a million rows under a strong lock does not.
 */
export const LOCK_WAIT_LIMIT_MS = 1_000;

/** The demo's promises, in the order of the story. */
export function claimsOf(facts: DemoFacts): readonly Claim[] {
  const { traffic } = facts;
  const longestMs = traffic.longestLockWait?.waitMs ?? 0;
  return [
    ...facts.migrations.map(resultClaim),
    {
      text: 'every request was answered, and answered right',
      held: traffic.failed === 0 && traffic.requests > 0,
      evidence: `${count(traffic.failed)} of ${count(traffic.requests)} failed`,
    },
    {
      text: 'what one version wrote, the other read',
      held: traffic.crossVersionReads > 0 && traffic.failed === 0,
      evidence: `${count(traffic.crossVersionReads)} writes crossed over`,
    },
    {
      text: `nobody waited longer than ${milliseconds(LOCK_WAIT_LIMIT_MS)} for a lock`,
      held: longestMs <= LOCK_WAIT_LIMIT_MS,
      evidence:
        longestMs === 0 ? 'no wait was seen' : `the longest wait was ${milliseconds(longestMs)}`,
    },
    ...facts.migrations.filter(({ expected }) => expected === 'rolled-back').map(rollbackClaim),
    restoreClaim(facts),
  ];
}

function resultClaim({ migrationId, expected, result, reason, phases }: MigrationFacts): Claim {
  const took = milliseconds(phases.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const went = result === expected ? `in ${took}` : `it ${RESULTS[result]}`;
  return {
    text: `${migrationId} ${RESULTS[expected]}`,
    held: result === expected,
    evidence: reason === undefined ? went : `${went}, ${reason}`,
  };
}

const RESULTS: Readonly<Record<MigrationFacts['result'], string>> = {
  succeeded: 'went through',
  'rolled-back': 'was rolled back',
  failed: 'failed',
};

function rollbackClaim(facts: MigrationFacts): Claim {
  const same = facts.fingerprintBefore === facts.fingerprintAfter;
  return {
    text: 'the rollback left the schema as it was',
    held: same && facts.result === 'rolled-back',
    evidence: `fingerprint ${short(facts.fingerprintBefore)} before, ${short(facts.fingerprintAfter)} after`,
  };
}

function restoreClaim({ restore }: DemoFacts): Claim {
  const sameSchema = restore.fingerprintExpected === restore.fingerprintRestored;
  return {
    text: 'the restored cluster is what the snapshot was taken of',
    held: sameSchema && restore.rowsExpected === restore.rowsRestored,
    evidence: `fingerprint ${short(restore.fingerprintRestored)}, ${count(restore.rowsRestored)} of ${count(restore.rowsExpected)} rows`,
  };
}

/** Enough of a hash to compare by eye; the claim compared all of it. */
export function short(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}
