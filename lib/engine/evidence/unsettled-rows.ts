import type { Outcome } from '../../core/workflow/outcome.ts';
import { countQuarantine } from '../../postgres/backfill/quarantine.ts';
import { holdSince } from '../../postgres/ledger/holds.ts';
import type { ParitySurroundings } from '../backfill/prove-parity.ts';
import { journal, type TargetContext } from '../context.ts';
import type { WorkPhase } from '../work-phase.ts';

/** Somebody has to look at the rows; half a minute after that is soon enough. */
const POLL_SECONDS = 30;

/**
 * Rows in quarantine have their value in the old structure only. They are moved, or somebody says
 * that they may stay behind; until then contract waits, and everything can still be taken back.
 * @returns undefined: there are none, or they were accepted
 */
export async function unsettledRows(
  context: TargetContext,
  phase: WorkPhase,
  { flags }: ParitySurroundings,
): Promise<Outcome | undefined> {
  const { clock, control, database, executionId } = context;
  const { quarantineAccepted } = await flags();
  const rows = await countQuarantine(database, executionId, quarantineAccepted?.at);
  if (rows === 0) return undefined;
  const what = rows === 1 ? '1 row is' : `${rows} rows are`;
  const reason = `${what} in quarantine: lockkeeper quarantine ${executionId}, then --retry or --accept`;
  const { begun } = await holdSince(database, executionId, `${phase} quarantine`, clock.now());
  if (begun) await journal(context, 'PhaseHeld', { reason, facts: { phase, rows } });
  await control.changeExecution(executionId, { activity: `${phase}: ${reason}` });
  return { kind: 'wait', seconds: POLL_SECONDS, reason };
}
