import { LockkeeperError } from '../../core/errors.ts';
import type { Execution } from '../../core/executions/execution.ts';
import { type DurationMs, durationMs } from '../../core/ids.ts';
import type { Outcome } from '../../core/workflow/outcome.ts';
import { finish } from '../finish.ts';
import { recordOutcome } from '../record-outcome.ts';
import type { SqlContext } from './context.ts';
import { CLUSTER_STEPS, SQL_STEPS } from './step.ts';

/** The steps that make a cluster and verify it. Taking over is the state machine's alone. */
const STEPS = [
  CLUSTER_STEPS.source,
  CLUSTER_STEPS.cluster,
  CLUSTER_STEPS.instance,
  CLUSTER_STEPS['data-api'],
  SQL_STEPS.verify,
] as const;

/** The longest that a restore is waited for here; it can be asked for again. */
const PATIENCE_MS = durationMs(2 * 3_600_000);

export interface HereOptions {
  /** Tells the responder what is happening. */
  readonly report: (text: string) => void;
  /** The longest between two looks. @default - as the steps ask for */
  readonly pollMs?: DurationMs;
}

/**
 * A restore beside the original without the state machine, by whoever has the permissions: for the
 * day on which Step Functions or Lambda is what is broken.
 * @throws LockkeeperError RestoreFailed; asked again it goes on
 */
export async function restoreHere(context: SqlContext, options: HereOptions): Promise<Execution> {
  const { control, clock, executionId } = context;
  const giveUpAt = clock.now() + PATIENCE_MS;
  for (const step of STEPS) {
    for (;;) {
      const outcome = await step(context);
      const activity = (await control.getExecution(executionId))?.activity;
      if (activity !== undefined) options.report(activity);
      if (outcome.kind === 'done') break;
      if (outcome.kind !== 'wait') return stop(context, outcome);
      if (clock.now() >= giveUpAt) {
        return stop(context, { kind: 'failed', reason: `gave up waiting: ${outcome.reason}` });
      }
      options.report(outcome.reason);
      const asked = outcome.seconds * 1_000;
      await clock.sleep(durationMs(Math.min(asked, options.pollMs ?? asked)));
    }
  }
  await finish(context, 'restored');
  const ended = await control.getExecution(executionId);
  if (ended !== undefined) return ended;
  throw new LockkeeperError('UnknownExecution', `there is no execution ${executionId}`);
}

async function stop(context: SqlContext, outcome: Outcome): Promise<never> {
  await recordOutcome(context, outcome);
  await finish(context, outcome.kind === 'aborted' ? 'restore-rejected' : 'restore-failed');
  throw new LockkeeperError('RestoreFailed', 'reason' in outcome ? outcome.reason : outcome.kind, {
    fix: 'run the same restore again: it goes on where it is',
  });
}
