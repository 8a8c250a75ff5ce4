import { LockkeeperError } from '../core/errors.ts';
import type { Execution, ExecutionRun } from '../core/executions/execution.ts';
import { isFinished } from '../core/executions/execution.ts';
import { claimOfStart } from '../core/identity/claim.ts';
import { type ExecutionId, executionIdOf } from '../core/ids.ts';
import type { Migration } from '../core/migration/migration.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlStore, MigrationSource } from '../ports/control-store.ts';
import type { EventSink } from '../ports/event-sink.ts';
import type { IdentityProver } from '../ports/identity.ts';
import type { Workflow } from '../ports/workflow.ts';
import { journal } from './context.ts';

/** What a pipeline or an operator needs to reach to set executions going. */
export interface LaunchContext {
  readonly control: ControlStore;
  readonly workflow: Workflow;
  readonly events: EventSink;
  readonly clock: Clock;
  /** The caller's principal (an IAM ARN on AWS). */
  readonly by: string;
  /** Proves that. */
  readonly identity: IdentityProver;
}

/** 36^6 = 2.2 billion: two starts of one migration collide about never, and a collision is refused. */
const SUFFIX_LENGTH = 6;

/**
 * Records an execution with its files as they are now and starts its workflow. Whether it may run
 * is decided by its first state; this only promises that it was handed over.
 */
export async function startExecution(
  context: LaunchContext,
  migration: Migration,
  source: MigrationSource,
): Promise<Execution> {
  const executionId = executionIdOf(migration.migrationId, suffix(context.clock));
  const execution: Execution = {
    executionId,
    migrationId: migration.migrationId,
    title: migration.title,
    checksum: migration.checksum,
    environment: source.environment.name,
    target: undefined,
    startedBy: context.by,
    startedAt: context.clock.now(),
    status: 'starting',
    activity: 'start',
    planHash: undefined,
    runs: [],
    finishedAt: undefined,
    reason: undefined,
  };
  const proof = await context.identity.prove(
    claimOfStart({
      executionId,
      checksum: migration.checksum,
      environment: source.environment,
    }),
  );
  await context.control.createExecution(execution, { ...source, proof });
  const run = await launch(context, execution, 'forward', executionId);
  return { ...execution, runs: [run] };
}

/** Goes on with an execution that was interrupted, in whichever direction it was going. */
export async function resumeExecution(
  context: LaunchContext,
  executionId: ExecutionId,
): Promise<Execution> {
  const execution = await idle(context, executionId, 'resume');
  if (execution.status === 'restored') {
    // What was approved and what was saved belongs to a past that is gone.
    throw new LockkeeperError(
      'WrongState',
      `execution ${executionId} is half way in a database that went back in time; its approvals and snapshots are of what came after`,
      {
        fix: `lockkeeper rollback ${executionId}, then lockkeeper start ${execution.migrationId}`,
      },
    );
  }
  await context.control.clearAbort(executionId);
  await context.control.setPaused(executionId, false);
  const mode =
    execution.status === 'rollback-failed' || execution.status === 'rolling-back'
      ? 'rollback'
      : 'resume';
  return relaunch(context, execution, mode);
}

/** Takes an execution back that no workflow is working on any more. */
export async function rollBackExecution(
  context: LaunchContext,
  executionId: ExecutionId,
): Promise<Execution> {
  const execution = await idle(context, executionId, 'rollback');
  if (execution.restore === undefined) return relaunch(context, execution, 'rollback');
  throw new LockkeeperError('WrongState', `${executionId} is a restore, which undoes no steps`, {
    fix: `lockkeeper resume ${executionId} goes on with it`,
  });
}

/** Whether one of its workflows is at work, and so must be asked instead of replaced. */
export async function isAtWork(context: LaunchContext, execution: Execution): Promise<boolean> {
  const last = execution.runs.at(-1);
  return last !== undefined && (await context.workflow.describe(last.run)).status === 'RUNNING';
}

async function idle(
  context: LaunchContext,
  executionId: ExecutionId,
  verb: string,
): Promise<Execution> {
  const execution = await context.control.getExecution(executionId);
  if (execution === undefined) {
    throw new LockkeeperError('UnknownExecution', `there is no execution ${executionId}`);
  }
  if (isFinished(execution.status)) {
    throw new LockkeeperError(
      'WrongState',
      `execution ${executionId} is ${execution.status}; there is nothing to ${verb}`,
    );
  }
  if (await isAtWork(context, execution)) {
    throw new LockkeeperError(
      'WrongState',
      `execution ${executionId} is at work (${execution.activity})`,
      {
        fix: 'use pause, unpause or abort on a running execution',
      },
    );
  }
  return execution;
}

async function relaunch(
  context: LaunchContext,
  execution: Execution,
  mode: ExecutionRun['mode'],
): Promise<Execution> {
  const name = `${execution.executionId}-${mode === 'rollback' ? 'b' : 'r'}${execution.runs.length + 1}`;
  await context.control.changeExecution(execution.executionId, { finishedAt: null });
  const run = await launch(context, execution, mode, name);
  return { ...execution, finishedAt: undefined, runs: [...execution.runs, run] };
}

async function launch(
  context: LaunchContext,
  execution: Execution,
  mode: ExecutionRun['mode'],
  name: string,
): Promise<ExecutionRun> {
  const { executionId, migrationId } = execution;
  const address = await context.workflow.start(name, { executionId, mode });
  const run: ExecutionRun = {
    run: address,
    mode,
    startedAt: context.clock.now(),
    startedBy: context.by,
  };
  await context.control.addRun(executionId, run);
  await journal(
    { ...context, executionId, migrationId, until: context.clock.now() },
    mode === 'forward' ? 'ExecutionStarted' : 'ExecutionResumed',
    { by: context.by, facts: { mode } },
  );
  return run;
}

function suffix(clock: Clock): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: SUFFIX_LENGTH }, () =>
    letters.charAt(Math.floor(clock.random() * letters.length)),
  ).join('');
}
