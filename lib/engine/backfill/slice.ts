import type { ExecutionFlags } from '../../core/executions/execution.ts';
import type { EpochMs } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StepProgress } from '../../ports/control-store.ts';
import type { Database } from '../../ports/database.ts';
import type { HostMetrics } from '../../ports/host-metrics.ts';
import type { Fence } from '../../postgres/ledger/fence.ts';

/** What one call of a backfill may use. */
export interface SliceContext {
  /** Three statements may run at once: a batch, and meanwhile the two of a look at the load. */
  readonly database: Database;
  /** Signals beyond SQL, where the deployment has them turned on. */
  readonly host?: HostMetrics | undefined;
  readonly clock: Clock;
  readonly fence: Fence;
  /** No batch starts at or after this time. */
  readonly until: EpochMs;
  /** Read before each batch; expected to remember its answer for about half a second. */
  flags(): Promise<ExecutionFlags>;
  /**
   * Whether the window of the phase is open; asked before each batch, expected to remember its answer for
   * about a second. @default - always open
   */
  readonly windowOpen?: (() => boolean) | undefined;
  /** Called after each batch; expected to write at most about once a second. */
  report(progress: StepProgress): Promise<void>;
}

/** How one call of a backfill ended. */
export type SliceOutcome =
  | { readonly kind: 'done'; readonly rows: number; readonly quarantined: number }
  /** Time is up, or the window has closed; call again. */
  | { readonly kind: 'continue' }
  /** Paused, held by the load of the target, or blocked by a lock: call again later. */
  | { readonly kind: 'wait'; readonly seconds: number; readonly reason: string }
  | { readonly kind: 'aborted'; readonly reason: string }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** The row, as PostgreSQL names keys: `(id)=(7)`. */
      readonly key?: string;
      readonly sqlstate?: string;
    }
  /** A newer runner has taken over; nothing was written since. */
  | { readonly kind: 'fenced' };

/** What has most to say comes first. */
const BY_WEIGHT: readonly SliceOutcome['kind'][] = [
  'failed',
  'aborted',
  'fenced',
  'wait',
  'continue',
  'done',
];

/** The outcome of a call of several workers: that of the worst; done, with what all moved, when all are. */
export function worstOf(outcomes: readonly SliceOutcome[]): SliceOutcome {
  const done = { kind: 'done', rows: 0, quarantined: 0 } as const;
  return outcomes.reduce((worst: SliceOutcome, next) => {
    if (worst.kind === 'done' && next.kind === 'done') {
      const { rows, quarantined } = next;
      return {
        kind: 'done',
        rows: worst.rows + rows,
        quarantined: worst.quarantined + quarantined,
      };
    }
    return BY_WEIGHT.indexOf(next.kind) < BY_WEIGHT.indexOf(worst.kind) ? next : worst;
  }, done);
}

/** A Wait state is cheap, so a paused, held or blocked backfill is looked at often. */
const POLL_SECONDS = 10;

export function waitFor(reason: string): SliceOutcome {
  return { kind: 'wait', seconds: POLL_SECONDS, reason };
}

/**
 * What an operator asked for, or the end of the call's time or of its window; looked at before each batch.
 *
 * A window that closes is the end of the call, and the next one waits for it. To work that has to fit a
 * call, such as a scan in one snapshot, both are the same: where every window is too short for it, it
 * must not be tried for ever.
 */
export async function reasonToStop({
  clock,
  flags,
  until,
  windowOpen,
}: SliceContext): Promise<SliceOutcome | undefined> {
  const { abort, paused } = await flags();
  if (abort !== undefined) {
    return { kind: 'aborted', reason: `abort requested by ${abort.by}: ${abort.reason}` };
  }
  if (paused) return waitFor('paused by an operator');
  const isOver = clock.now() >= until || windowOpen?.() === false;
  return isOver ? { kind: 'continue' } : undefined;
}

/** @param key the row at fault, where it is one */
export function failed(
  reason: string,
  cause: { readonly sqlstate: string | undefined },
  key?: string,
): SliceOutcome {
  const { sqlstate } = cause;
  return {
    kind: 'failed',
    reason,
    ...(key !== undefined && { key }),
    ...(sqlstate !== undefined && { sqlstate }),
  };
}
