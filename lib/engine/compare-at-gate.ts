import type { ExecutionFlags } from '../core/executions/execution.ts';
import type { Gate, GateComparison } from '../core/gates/gate.ts';
import { durationMs, type EpochMs } from '../core/ids.ts';
import type { BackfillStep } from '../core/plan/plan.ts';
import { passMs } from '../postgres/backfill/parity-progress.ts';
import { type Fence, storedFence } from '../postgres/ledger/fence.ts';
import { runParity } from './backfill/run-parity.ts';
import { comparedSteps } from './compared-before.ts';
import { journal, type TargetContext } from './context.ts';
import { flagReader } from './flags.ts';

/**
 * A gate that waits is looked at once an hour (`GATE_POLL_SECONDS`); a little less makes each of these
 * looks compare, and a second approver who comes in between does not.
 */
const COMPARE_EVERY_MS = durationMs(2_700_000);
/**
 * A large table is compared less often, so that it takes at most a tenth of the time. A pass of ten hours
 * then costs 46 calls of 13 minutes every four days: a few hundred of Step Functions' 25,000 events.
 */
const REST_AFTER = 9;
/** A decision ends a pass within this time and one range of half a second. */
const READ_GATE_EVERY_MS = durationMs(2_000);
/** Two people deciding at once: what they wrote is read, and what was found is added to it. */
const WRITE_ATTEMPTS = 5;

/** `unfinished`: the time of the call is up and the pass is not; the next call goes on with it. */
type Look = 'not-due' | 'looked' | 'unfinished';

type Found = GateComparison['found'];

interface Compared {
  readonly found: Found;
  readonly tookMs?: number;
}

/**
 * Compares old and new while the gate of contract waits, and keeps on the gate what it found. It only
 * reads tables, also where differences are repaired later.
 *
 * Its place in the pass is in the ledger, under the token that is stored there. It never takes a token
 * of its own: a call that is late stops at its next range because somebody else took a newer one, and
 * itself stops nobody.
 */
export async function compareAtGate(context: TargetContext): Promise<Look> {
  const { control, clock, executionId } = context;
  const gate = await control.getGate(executionId, 'contract');
  if (gate === undefined || gate.decision !== undefined) return 'not-due';
  if (gate.comparison !== undefined && clock.now() < nextAt(gate.comparison)) return 'not-due';
  const hashed = await control.getPlan(executionId);
  const steps = hashed === undefined ? [] : comparedSteps(hashed.plan);
  if (steps.length === 0) return 'not-due';
  const compared = await compareAll(context, gate, steps);
  if (typeof compared === 'string') return compared;
  await keep(context, compared);
  return 'looked';
}

function nextAt({ at, tookMs = 0 }: GateComparison): number {
  return at + Math.max(COMPARE_EVERY_MS, REST_AFTER * tookMs);
}

/** Whatever goes wrong is an answer: a gate that waits is not taken back because of a look at it. */
async function compareAll(
  context: TargetContext,
  gate: Gate,
  steps: readonly BackfillStep[],
): Promise<Compared | 'unfinished' | 'looked'> {
  try {
    const fence = await storedFence(context.database);
    if (fence?.executionId !== context.executionId) {
      const who = fence?.executionId ?? 'nobody';
      return notCompared(`the target is in the hands of ${who}`);
    }
    const flags = untilDecided(context);
    let rows = 0;
    for (const step of steps) {
      const one = await compareOne(context, step, { fence, flags, until: untilOf(context, gate) });
      if (typeof one === 'string') return one;
      if (one.kind !== 'equal') return { found: one };
      rows += one.rows;
    }
    const tookMs = await passMs(context.database, context.executionId, 'gate');
    return { found: { kind: 'equal', rows }, tookMs };
  } catch (error) {
    return notCompared(error instanceof Error ? error.message : 'unknown');
  }
}

function notCompared(reason: string): Compared {
  return { found: { kind: 'not-compared', reason } };
}

async function compareOne(
  context: TargetContext,
  step: BackfillStep,
  around: {
    readonly fence: Fence;
    readonly flags: () => Promise<ExecutionFlags>;
    readonly until: EpochMs;
  },
): Promise<Found | 'unfinished' | 'looked'> {
  let rows = 0;
  let different = 0;
  const reading: BackfillStep = {
    ...step,
    ...(step.parity && { parity: { ...step.parity, onMismatch: 'stop' } }),
  };
  const outcome = await runParity(reading, 'gate', {
    ...context,
    ...around,
    // The figures of its backfill stay what status shows; the gate says what was found.
    report: async ({ parity }) => {
      rows = parity?.compared ?? rows;
      different = parity?.different ?? different;
    },
  });
  switch (outcome.kind) {
    case 'done':
      return { kind: 'equal', rows };
    case 'continue':
      return 'unfinished';
    case 'failed': {
      const reason = `${step.stepId}: ${outcome.reason}`;
      if (different === 0) return { kind: 'not-compared', reason };
      const then =
        step.parity?.onMismatch === 'repair'
          ? 'contract would move them again'
          : 'contract would be taken back';
      return { kind: 'different', reason: `${reason}; ${then}` };
    }
    // Decided, paused, aborted, held by the load, or taken over: the next look goes on.
    case 'wait':
    case 'aborted':
    case 'fenced':
      return 'looked';
  }
}

/** A gate that opens or goes back by itself does so in time. */
function untilOf({ clock, until }: TargetContext, { expiresAt }: Gate): EpochMs {
  return expiresAt > clock.now() && expiresAt < until ? expiresAt : until;
}

/** The flags of the execution; a decision about the gate stops a pass as a pause does. */
function untilDecided(context: TargetContext): () => Promise<ExecutionFlags> {
  const { control, clock, executionId } = context;
  const read = flagReader(context);
  let readAt = clock.now();
  let decided = false;
  return async () => {
    const flags = await read();
    if (!decided && clock.now() - readAt >= READ_GATE_EVERY_MS) {
      decided = (await control.getGate(executionId, 'contract'))?.decision !== undefined;
      readAt = clock.now();
    }
    return decided ? { ...flags, paused: true } : flags;
  };
}

/** Told before it is kept: a call that dies in between tells it twice, which is better than never. */
async function keep(context: TargetContext, { found, tookMs }: Compared): Promise<void> {
  const { control, clock, executionId } = context;
  const at = clock.now();
  let told = false;
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    const gate = await control.getGate(executionId, 'contract');
    if (gate === undefined || gate.decision !== undefined) return;
    const before = gate.comparison;
    if (!told) await tell(context, before?.found, found);
    told = true;
    const lastEqualAt = found.kind === 'equal' ? at : before?.lastEqualAt;
    const comparison: GateComparison = { at, found, lastEqualAt, tookMs };
    const changed: Gate = { ...gate, comparison, revision: gate.revision + 1 };
    if ((await control.putGate(changed, gate.revision)) === 'written') return;
  }
}

/** A gate may wait for a week of hours: only what changed is news. */
async function tell(
  context: TargetContext,
  before: Found | undefined,
  found: Found,
): Promise<void> {
  const facts = { gate: 'contract', after: 'gate' };
  if (found.kind === 'different') {
    const known = before?.kind === 'different' && before.reason === found.reason;
    if (!known) await journal(context, 'ParityBroken', { reason: found.reason, facts });
  }
  if (found.kind === 'equal' && before?.kind !== 'equal') {
    await journal(context, 'ParityProved', { facts: { ...facts, rows: found.rows } });
  }
}
