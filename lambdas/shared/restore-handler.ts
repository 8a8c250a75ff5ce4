import { LockkeeperError } from '../../lib/core/errors.ts';
import type { HandlerName } from '../../lib/core/workflow/handlers.ts';
import type { Outcome } from '../../lib/core/workflow/outcome.ts';
import { parseRestoreTaskInput } from '../../lib/core/workflow/parse-payload.ts';
import type { RestoreStep } from '../../lib/core/workflow/payload.ts';
import type { ClusterContext } from '../../lib/engine/restore/context.ts';
import { type TaskHandler, type TaskScene, taskHandler } from './task-handler.ts';

type Steps<Context> = Partial<
  Readonly<Record<RestoreStep, (context: Context) => Promise<Outcome>>>
>;

/** The handler of some steps of a restore; which one is asked for is in its input. */
export function restoreHandler<Context extends ClusterContext>(
  name: HandlerName,
  steps: Steps<Context>,
  contextOf: (scene: TaskScene, context: ClusterContext) => Context,
): TaskHandler {
  return taskHandler(name, parseRestoreTaskInput, async ({ step }, scene) => {
    const work = steps[step];
    if (work === undefined) throw new LockkeeperError('Internal', `${name} has no step ${step}`);
    try {
      return await work(contextOf(scene, clusterContext(scene)));
    } catch (error) {
      const known = error instanceof LockkeeperError && error.code !== 'UnknownVersion';
      if (known && !error.retryable) return refusal(error);
      throw error;
    }
  });
}

function clusterContext({ context, execution, wiring }: TaskScene): ClusterContext {
  const { restore } = execution;
  if (restore === undefined) {
    throw new LockkeeperError('WrongState', `${execution.executionId} is not a restore`);
  }
  if (wiring.clusters === undefined) {
    throw new LockkeeperError('Internal', 'this handler has no access to clusters', {
      fix: 'add a capability to it in lib/core/workflow/handlers.ts',
    });
  }
  return { ...context, order: restore, target: wiring.target.name, clusters: wiring.clusters };
}

function refusal({ message, fix }: LockkeeperError): Outcome {
  return { kind: 'failed', reason: fix === undefined ? message : `${message}; ${fix}` };
}
