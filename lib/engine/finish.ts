import type { TrailKind } from '../core/executions/event.ts';
import type { ExecutionStatus } from '../core/executions/execution.ts';
import { done, type Outcome } from '../core/workflow/outcome.ts';
import type { FinishResult } from '../core/workflow/payload.ts';
import { type EngineContext, journal } from './context.ts';

interface Ending {
  readonly status: ExecutionStatus;
  readonly event: TrailKind;
  /**
   * An execution that is stuck keeps its lease: nobody may start another migration on a target
   * that is neither before nor after this one. `resume` or `rollback` gets it out of there.
   */
  readonly releasesLease: boolean;
}

const ENDINGS: Readonly<Record<FinishResult, Ending>> = {
  succeeded: { status: 'succeeded', event: 'ExecutionSucceeded', releasesLease: true },
  rejected: { status: 'rejected', event: 'ExecutionRejected', releasesLease: true },
  'rolled-back': { status: 'rolled-back', event: 'ExecutionRolledBack', releasesLease: true },
  'rollback-failed': { status: 'rollback-failed', event: 'RollbackFailed', releasesLease: false },
  'forward-fix-required': {
    status: 'forward-fix-required',
    event: 'ForwardFixRequired',
    releasesLease: false,
  },
  restored: { status: 'succeeded', event: 'RestoreFinished', releasesLease: true },
  'restore-rejected': { status: 'rejected', event: 'RestoreRejected', releasesLease: true },
  // It may have stopped between two renames.
  'restore-failed': { status: 'restore-failed', event: 'RestoreFailed', releasesLease: false },
};

/** Writes down how an execution ended and lets go of its target. Repeating it changes nothing. */
export async function finish(
  context: EngineContext & { readonly target: string },
  result: FinishResult,
): Promise<Outcome> {
  const ending = ENDINGS[result];
  const execution = await context.control.getExecution(context.executionId);
  if (execution?.status !== ending.status) {
    await context.control.changeExecution(context.executionId, {
      status: ending.status,
      activity: ending.status.replaceAll('-', ' '),
      finishedAt: context.clock.now(),
      // A call that failed and was tried again left its words here; they did not decide the end.
      ...(ending.status === 'succeeded' && { reason: null }),
      // A function that dies cannot say why.
      ...(result === 'restore-failed' &&
        execution?.reason === undefined && {
          reason: 'a function of it died again and again; its log ends where it died',
        }),
    });
    await journal(context, ending.event, {
      ...(execution?.reason !== undefined && { reason: execution.reason }),
    });
  }
  if (ending.releasesLease) {
    await context.control.releaseLease(context.target, context.executionId);
  }
  return done;
}
