import { setTimeout as sleep } from 'node:timers/promises';
import { gatherStatus } from '../lib/cli/gather-status.ts';
import type { StatusFacts } from '../lib/cli/views/status-view.ts';
import { isLockkeeperError } from '../lib/core/errors.ts';
import {
  type Execution,
  type ExecutionStatus,
  isFinished,
} from '../lib/core/executions/execution.ts';
import type { ExecutionId } from '../lib/core/ids.ts';
import type { Scene } from './scene.ts';

/** A place where the execution stood still, and what it said could be done. */
export interface Stop {
  /** `held`: it waits for something that it names, and goes on by itself. */
  readonly status: ExecutionStatus | 'held';
  readonly reason: string | undefined;
  /** The command that was printed and then run. */
  readonly next: string;
}

/** How an execution went in the hands of somebody who does what the tool says. */
export interface Operated {
  readonly executionId: ExecutionId;
  readonly status: ExecutionStatus;
  readonly reason: string | undefined;
  readonly stops: readonly Stop[];
  /** Commands that failed for a person. */
  readonly refusals: readonly string[];
}

/** What went wrong with the tool itself: it stood still and said nothing useful. */
export class Wedged extends Error {}

const LOOK_EVERY_MS = 100;
/** A status is written a moment before or after its workflow ends. */
const SETTLE_MS = 600;
const AFTER_REFUSAL_MS = 250;
const STOPS_ALLOWED = 4;
const REFUSALS_ALLOWED = 12;

/** Where somebody works: a scene, or a runtime that comes and goes. */
export type Workplace = Pick<Scene, 'observer' | 'lockkeeper' | 'executions'>;

export interface OperateOptions {
  readonly migration: string;
  /** Before a command is run. @default - nothing */
  readonly before?: (command: string) => Promise<void>;
  /** Before a stop is answered: whoever broke something repairs it. */
  readonly onStop: () => Promise<void>;
  readonly timeoutMs: number;
  /** @default 4 */
  readonly stopsAllowed?: number;
  /** Each look is about eight reads. @default 100 */
  readonly lookEveryMs?: number;
}

/** Starts the migration and runs whatever command the tool prints, until nothing is left to do. */
export async function operate(scene: Workplace, options: OperateOptions): Promise<Operated> {
  const giveUpAt = Date.now() + options.timeoutMs;
  const refusals: string[] = [];
  const stops: Stop[] = [];
  const run = async (command: string, again = true): Promise<void> => {
    await options.before?.(command);
    const said = await scene.lockkeeper([
      ...command.split(' ').slice(1),
      '--as',
      personFor(command),
    ]);
    if (said.exitCode !== 0) refusals.push(`${command}: ${said.err}`);
    if (refusals.length > REFUSALS_ALLOWED) {
      throw new Wedged(`the tool refuses its own commands: ${refusals.at(-1)}`);
    }
    if (said.exitCode === 0) return;
    await sleep(AFTER_REFUSAL_MS);
    // Whoever decides and is told of a failure does it again; it may have been done, or half done.
    if (/^lockkeeper (signal|approve)/.test(command) && again) await run(command, false);
  };

  const known = await scene.executions();
  let executionId: ExecutionId | undefined;
  while (executionId === undefined) {
    await run(`lockkeeper start ${options.migration}`);
    executionId = (await scene.executions()).find((id) => !known.includes(id));
  }
  let stillSince: number | undefined;
  for (;;) {
    const facts = await look(scene, executionId, giveUpAt);
    if (facts === undefined || Date.now() > giveUpAt) {
      throw new Wedged(
        facts === undefined ? 'its status cannot be read' : `no end: ${told(facts)}`,
      );
    }
    const { execution, workflow } = facts;
    if (isFinished(execution.status)) {
      // The function that wrote it still has a lease to release, and may die before it does.
      if (await atWork(scene, execution)) {
        await sleep(options.lookEveryMs ?? LOOK_EVERY_MS);
        continue;
      }
      const { status, reason } = execution;
      return { executionId, status, reason, stops, refusals };
    }
    const [next] = facts.next;
    if (next === undefined) throw new Wedged(`no next command: ${told(facts)}`);
    const held = facts.progress.find(({ state }) => state === 'held');
    if (workflow === 'RUNNING' && held === undefined) {
      stillSince = undefined;
      if (!next.startsWith('lockkeeper watch')) {
        for (const command of facts.next) await run(command);
      }
    } else if (held === undefined && stillSince === undefined) {
      stillSince = Date.now();
    } else if (held !== undefined || Date.now() - (stillSince ?? 0) > SETTLE_MS) {
      stillSince = undefined;
      if (stops.length >= (options.stopsAllowed ?? STOPS_ALLOWED))
        throw new Wedged(`stops again and again: ${told(facts)}`);
      const { status, reason } = execution;
      // What held it may be gone already, and the next look of the function still to come.
      if (held === undefined || stops.at(-1)?.status !== 'held') {
        stops.push(
          held === undefined
            ? { status, reason, next }
            : { status: 'held', reason: held.note, next },
        );
      }
      await options.onStop();
      // Whoever waits goes on by itself when the reason is gone.
      if (workflow !== 'RUNNING') await run(next);
    }
    await sleep(options.lookEveryMs ?? LOOK_EVERY_MS);
  }
}

/** A pipeline signals, somebody else than who started it approves. */
function personFor(command: string): string {
  if (command.startsWith('lockkeeper signal')) return 'pipeline';
  return command.startsWith('lockkeeper approve') ? 'olivia' : 'alice';
}

/** Whether the last run goes on; `status` does not ask once the execution has ended. */
async function atWork({ observer }: Workplace, { runs = [] }: Execution): Promise<boolean> {
  const last = runs.at(-1);
  if (last === undefined) return false;
  try {
    return (await observer.workflow.describe(last.run)).status === 'RUNNING';
  } catch (error) {
    if (!isLockkeeperError(error) || !error.retryable) throw error;
    return true;
  }
}

async function look(
  scene: Workplace,
  executionId: ExecutionId,
  giveUpAt: number,
): Promise<StatusFacts | undefined> {
  while (Date.now() < giveUpAt) {
    try {
      return await gatherStatus(scene.observer, executionId);
    } catch (error) {
      if (!isLockkeeperError(error) || !error.retryable) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
  return undefined;
}

const told = ({ execution, workflow }: StatusFacts): string =>
  `${execution.status}, doing ${execution.activity}, workflow ${workflow ?? 'none'}: ${execution.reason ?? 'no reason'}`;
