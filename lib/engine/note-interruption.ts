import type { Execution } from '../core/executions/execution.ts';
import { type EngineContext, journal } from './context.ts';

/** Who starts the way back of a run that cannot do it itself. */
const RULE = 'EventBridge aws.states';

/**
 * Lists a run that the rule of interrupted runs started: whoever starts one otherwise lists it by
 * themselves, and names it after the execution. The run that it follows could not say why it ended.
 */
export async function noteInterruption(
  context: EngineContext,
  { executionId, runs, reason }: Execution,
  run: string,
): Promise<void> {
  if (run.split(':').at(-1)?.startsWith(executionId) || runs.some((known) => known.run === run)) {
    return;
  }
  const { control, clock } = context;
  const last = runs.at(-1)?.run.split(':').at(-1);
  const why = `its workflow ${last ?? 'run'} ended without recording how: it was stopped from outside, timed out or broke; it is taken back`;
  await control.addRun(executionId, {
    run,
    mode: 'rollback',
    startedAt: clock.now(),
    startedBy: RULE,
  });
  if (reason === undefined) await control.changeExecution(executionId, { reason: why });
  await journal(context, 'ExecutionResumed', {
    by: RULE,
    reason: why,
    facts: { mode: 'rollback' },
  });
}
