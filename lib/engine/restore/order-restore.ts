import type { EnvironmentSettings } from '../../core/config/environment-settings.ts';
import { LockkeeperError } from '../../core/errors.ts';
import { type Execution, isFinished } from '../../core/executions/execution.ts';
import { claimOfStart } from '../../core/identity/claim.ts';
import type { Checksum } from '../../core/ids.ts';
import { describeSource, hashOrder, type RestoreOrder } from '../../core/restore/order.ts';
import type { Workflow } from '../../ports/workflow.ts';
import { journal } from '../context.ts';
import { isAtWork } from '../start-execution.ts';
import type { OrderContext, PreparedOrder } from './prepare-order.ts';

/** Writes the order down, with the proof of who gave it; nothing works on it yet. */
export async function recordOrder(
  context: OrderContext,
  { restoreId, order, execution }: PreparedOrder,
): Promise<Execution> {
  const { control, clock, by } = context;
  const source = await control.getSource(execution.executionId);
  if (source === undefined) {
    throw new LockkeeperError('LedgerCorrupt', `execution ${execution.executionId} has no source`);
  }
  const hash = hashOrder(order);
  const { name, policy, overrides } = context.environment;
  const environment: EnvironmentSettings = { name, policy, overrides };
  const restore: Execution = {
    executionId: restoreId,
    migrationId: execution.migrationId,
    title: `Restore ${order.names.original} ${describeSource(order.source)}`,
    checksum: checksumOf(order),
    environment: name,
    target: execution.target,
    startedBy: by,
    startedAt: clock.now(),
    status: 'starting',
    activity: 'start',
    planHash: hash,
    restore: order,
    runs: [],
    finishedAt: undefined,
    reason: undefined,
  };
  const proof = await context.identity.prove(
    claimOfStart({
      executionId: restoreId,
      checksum: restore.checksum,
      environment,
    }),
  );
  await control.createExecution(restore, { ...source, environment, proof });
  await journal(journalOf(context, restore), 'RestoreStarted', {
    by,
    facts: {
      of: order.of,
      from: describeSource(order.source),
      cluster: order.names.restored,
      takeOver: order.takeOver,
    },
  });
  return restore;
}

/** Hands the restore to its state machine, again where an earlier run of it has ended. */
export async function launchRestore(
  context: OrderContext,
  restore: Execution,
  workflow: Workflow,
): Promise<Execution> {
  if (await isAtWork({ ...context, workflow }, restore)) return restore;
  const again = restore.runs.length > 0;
  const mode = again ? 'resume' : 'forward';
  const { executionId } = restore;
  const name = again ? `${executionId}-r${restore.runs.length + 1}` : executionId;
  if (again) {
    await context.control.clearAbort(executionId);
    await context.control.changeExecution(executionId, { status: 'running', finishedAt: null });
  }
  const run = {
    run: await workflow.start(name, { executionId, mode }),
    mode,
    startedAt: context.clock.now(),
    startedBy: context.by,
  } as const;
  await context.control.addRun(executionId, run);
  if (again) {
    await journal(journalOf(context, restore), 'ExecutionResumed', {
      by: context.by,
      facts: { mode },
    });
  }
  return { ...restore, runs: [...restore.runs, run] };
}

/**
 * Goes on with a restore that nobody works on; its steps find what is done.
 * @throws LockkeeperError WrongState when it has ended
 */
export async function resumeRestore(
  context: OrderContext & { readonly restores: Workflow | undefined },
  restore: Execution,
): Promise<Execution> {
  const { executionId, status } = restore;
  if (isFinished(status)) {
    throw new LockkeeperError(
      'WrongState',
      `restore ${executionId} is ${status}; there is nothing to resume`,
    );
  }
  return launchRestore(context, restore, requireWorkflow(context.restores));
}

/** @throws LockkeeperError InvalidConfiguration */
export function requireWorkflow(restores: Workflow | undefined): Workflow {
  if (restores !== undefined) return restores;
  throw new LockkeeperError(
    'InvalidConfiguration',
    'the environment does not say which state machine makes restores',
    {
      fix: 'deploy the stack, then set target.restore_state_machine_arn to its output RestoreStateMachineArn',
    },
  );
}

/** What a proof of who started a restore is bound to. */
export function checksumOf(order: RestoreOrder): Checksum {
  return hashOrder(order) as string as Checksum;
}

function journalOf(context: OrderContext, { executionId, migrationId }: Execution) {
  return { ...context, executionId, migrationId, until: context.clock.now() };
}
