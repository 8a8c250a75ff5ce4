import type { StepId } from '../../core/ids.ts';
import type { Action } from '../../core/plan/plan.ts';
import type { Fence } from '../../postgres/ledger/fence.ts';
import type { TargetContext } from '../context.ts';

/** One statement to be brought about: a step's act, or its undo. */
export interface StatementJob {
  readonly stepId: StepId;
  readonly position: number;
  readonly action: Action;
  readonly direction: 'act' | 'undo';
  /**
   * The step may never have come to its end, so its undo may find nothing to remove. Only then is
   * "does not exist" a success.
   */
  readonly mayBeAbsent: boolean;
}

export type StatementOutcome =
  | { readonly kind: 'done'; readonly attempts: number }
  /** The server still works on it; ask again after a while. */
  | { readonly kind: 'pending'; readonly seconds: number; readonly reason: string }
  /** This call's time is over between two attempts. */
  | { readonly kind: 'out-of-time' }
  | { readonly kind: 'aborted'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly sqlstate: string | undefined }
  /** A newer runner took over; nothing of this attempt was kept. */
  | { readonly kind: 'fenced' };

/** What running a statement needs beyond the target. */
export interface StatementContext extends TargetContext {
  readonly fence: Fence;
  /** The reason when somebody asked to abort; read before each attempt. */
  abortRequested(): Promise<string | undefined>;
  /** Tells the operator what the statement waits for. */
  note(text: string): Promise<void>;
}
