import { type HandlerWiring, wireHandler } from '../../lib/aws/wiring.ts';
import { isLockkeeperError, LockkeeperError } from '../../lib/core/errors.ts';
import type { Execution } from '../../lib/core/executions/execution.ts';
import { type EpochMs, epochMs } from '../../lib/core/ids.ts';
import {
  HANDLER_CAPABILITIES,
  HANDLER_WORK_BUDGET_SECONDS,
  type HandlerName,
} from '../../lib/core/workflow/handlers.ts';
import { type Outcome, type OutcomePayload, toPayload } from '../../lib/core/workflow/outcome.ts';
import { parseTaskIdentity } from '../../lib/core/workflow/parse-payload.ts';
import type { TaskInput } from '../../lib/core/workflow/payload.ts';
import type { EngineContext } from '../../lib/engine/context.ts';
import { recordOutcome, recordSurprise } from '../../lib/engine/record-outcome.ts';
import { callLog } from './call-log.ts';
import { callTrace } from './call-trace.ts';
import { QuietError } from './quiet-error.ts';

/** What a handler's one use case gets: its context, the execution's record, its adapters. */
export interface TaskScene {
  readonly context: EngineContext;
  readonly execution: Execution;
  readonly wiring: HandlerWiring;
}

type Incompatible = Extract<Outcome, { readonly kind: 'incompatible' }>;

export type TaskHandler = (event: unknown) => Promise<OutcomePayload>;

/**
 * The frame around every task: wire the adapters once per container, parse, call one use case,
 * keep the reason of a bad outcome, log how it went, answer in the payload's shape. What another
 * version of the product wrote is refused, wherever it turns up, before anything is changed.
 */
export function taskHandler<Input extends TaskInput>(
  name: HandlerName,
  parse: (event: unknown) => Input,
  work: (input: Input, scene: TaskScene) => Promise<Outcome>,
): TaskHandler {
  const log = callLog(name);
  const trace = callTrace(name);
  let wiring: HandlerWiring | undefined;
  const call = async (event: unknown): Promise<OutcomePayload> => {
    const { executionId, run } = parseTaskIdentity(event);
    wiring ??= wireHandler(process.env, HANDLER_CAPABILITIES[name], log.trouble);
    const execution = await knownVersion(wiring.control.getExecution(executionId));
    if (execution === undefined) {
      throw new LockkeeperError('UnknownExecution', `there is no execution ${executionId}`);
    }
    if ('kind' in execution) return toPayload(execution); // its record cannot keep the reason
    const { migrationId } = execution;
    const line = log.about({ executionId, migrationId, run });
    trace.about({ executionId, migrationId });
    const startedAt = wiring.clock.now();
    const context: EngineContext = {
      executionId,
      migrationId,
      control: wiring.control,
      events: wiring.events,
      clock: wiring.clock,
      until: budgetEnd(wiring),
    };
    try {
      const scene = { context, execution, wiring };
      const outcome = await knownVersion((async () => work(parse(event), scene))());
      await recordOutcome(context, outcome);
      line.outcome(outcome, wiring.clock.now() - startedAt);
      return toPayload(outcome);
    } catch (error) {
      line.failure(error);
      await recordSurprise(context, name, error);
      throw new QuietError(error, executionId);
    }
  };
  return (event) => trace.around(() => call(event));
}

/** What is awaited, or that it was written by a version which this one does not know. */
async function knownVersion<T>(reading: Promise<T>): Promise<T | Incompatible> {
  try {
    return await reading;
  } catch (error) {
    if (!isLockkeeperError(error) || error.code !== 'UnknownVersion') throw error;
    const { message, fix } = error;
    return { kind: 'incompatible', reason: fix === undefined ? message : `${message}; ${fix}` };
  }
}

function budgetEnd(wiring: HandlerWiring): EpochMs {
  return epochMs(wiring.clock.now() + HANDLER_WORK_BUDGET_SECONDS * 1_000);
}
