import { isLockkeeperError } from '../core/errors.ts';
import { isFinished } from '../core/executions/execution.ts';
import { type DurationMs, durationMs, type EpochMs, type ExecutionId } from '../core/ids.ts';
import { UNKNOWN_VERSION } from '../core/workflow/states.ts';
import type { Connection } from './connection.ts';
import { gatherStatus } from './gather-status.ts';
import type { StatusFacts } from './views/status-view.ts';

/** A person reads no faster; one look is about eight small reads. */
const LOOK_EVERY_MS = durationMs(1_000);
/** Looks that may fail in a row: half a minute without a network does not end a night's watch. */
const PATIENT_FAILURES = 30;
/**
 * After a workflow was stopped from outside, its execution is taken back automatically by a run of
 * its own. Only when nothing has moved for this long does nobody work on it.
 */
const SILENCE_MS = 60_000;

export interface FollowOptions {
  /** Ends the following before the execution does. @default - follows to the end */
  readonly until?: (facts: StatusFacts) => boolean;
  /** @default - no limit */
  readonly timeoutMs?: DurationMs;
  /** @default 1 s */
  readonly lookEveryMs?: DurationMs;
  /** Called after each look. */
  readonly onLook?: (facts: StatusFacts, now: EpochMs) => void;
}

/**
 * - `ended`: nothing happens to it any more, unless somebody starts something
 * - `reached`: `until` said so
 * - `timed-out`: the time is over
 * - `abandoned`: it is under way and nobody works on it
 */
export interface Followed {
  readonly kind: 'ended' | 'reached' | 'timed-out' | 'abandoned';
  readonly facts: StatusFacts;
}

/** Looks at an execution about once a second until it ends. */
export async function follow(
  connection: Connection,
  executionId: ExecutionId,
  options: FollowOptions = {},
): Promise<Followed> {
  const { clock } = connection;
  const started = clock.now();
  let failures = 0;
  let alone: EpochMs | undefined;
  for (;;) {
    const look = await lookAt(connection, executionId, ++failures < PATIENT_FAILURES);
    const now = clock.now();
    if (look !== undefined) {
      failures = 0;
      options.onLook?.(look, now);
      if (hasEnded(look)) return { kind: 'ended', facts: look };
      if (options.until?.(look) === true) return { kind: 'reached', facts: look };
      if (isOfAnotherVersion(look)) return { kind: 'abandoned', facts: look };
      alone = look.workflow === 'RUNNING' ? undefined : (alone ?? now);
      const moved = Math.max(alone ?? now, ...look.progress.map((step) => step.updatedAt));
      if (now - moved > SILENCE_MS) return { kind: 'abandoned', facts: look };
      if (options.timeoutMs !== undefined && now - started >= options.timeoutMs) {
        return { kind: 'timed-out', facts: look };
      }
    }
    await clock.sleep(options.lookEveryMs ?? LOOK_EVERY_MS);
  }
}

/** No rule takes it back and nothing of it was changed, so there is nothing to wait for. */
function isOfAnotherVersion({ failure }: StatusFacts): boolean {
  return failure?.startsWith(UNKNOWN_VERSION.failure) === true;
}

/** What can be seen now; undefined when it could not be read this time. */
async function lookAt(
  connection: Connection,
  executionId: ExecutionId,
  patient: boolean,
): Promise<StatusFacts | undefined> {
  try {
    return await gatherStatus(connection, executionId);
  } catch (error) {
    if (patient && isLockkeeperError(error) && error.retryable) return undefined;
    throw error;
  }
}

function hasEnded({ execution, workflow }: StatusFacts): boolean {
  if (isFinished(execution.status)) return true;
  const stuck =
    execution.status === 'rollback-failed' ||
    execution.status === 'forward-fix-required' ||
    execution.status === 'restored' ||
    execution.status === 'restore-failed';
  // A resumed execution still has its old status while its new workflow gets ready.
  return stuck && workflow !== 'RUNNING';
}
