import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionId } from '../lib/core/ids.ts';
import type { Cell } from './cell.ts';
import { wrongWith } from './invariants.ts';
import { MIGRATION } from './migrations.ts';
import { type Operated, operate } from './operate.ts';
import type { Picture, Scene } from './scene.ts';

/** How a migration ended under a fault. */
export type Ending = 'completed' | 'rolled back' | 'rejected';

export interface CellResult {
  readonly id: string;
  readonly seam: string;
  readonly call: string;
  readonly fault: string;
  /** How often the fault was met. */
  readonly fired: number;
  readonly ending: Ending | undefined;
  /** Where it stood still on its way, and the command that got it going again. */
  readonly stops: readonly { readonly status: string; readonly next: string }[];
  /** Commands that a person had to repeat. */
  readonly refusals: number;
  /** What must not be; empty: the cell is green. */
  readonly problems: readonly string[];
  readonly milliseconds: number;
}

/** What the target looks like before and after, from a run that nobody disturbed. */
export interface Expected {
  readonly before: Picture;
  readonly after: Picture;
}

const TIMEOUT_MS = 90_000;

/** Runs one cell on a fresh target and looks at everything it left behind. */
export async function runCell(scene: Scene, cell: Cell, expected: Expected): Promise<CellResult> {
  const startedAt = Date.now();
  await scene.reset(cell.story);
  scene.switch.forget();
  const known = new Set(await scene.executions());
  const trouble = cell.trouble({ scene, executionId: () => newExecution(scene, known) });
  const armed = scene.switch.arm(cell.aim, (call) => trouble.fault(call));
  const problems: string[] = [];
  let operated: Operated | undefined;
  const heal = async () => {
    armed.disarm();
    await trouble.heal();
  };
  // On a busy machine a backfill may be held before the fault was met: that is not its doing.
  const onStop = async () => {
    if (armed.fired > 0) await heal();
  };
  try {
    operated = await operate(scene, { migration: MIGRATION, onStop, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  try {
    await heal();
  } catch (error) {
    problems.push(`the fault itself failed: ${error instanceof Error ? error.message : error}`);
  }
  if (armed.fired === 0) problems.push('the fault was never met, so this cell says nothing');
  if (operated !== undefined) problems.push(...(await wrongWith(scene, operated, expected)));
  const { id, seam, call, fault } = cell;
  return {
    id,
    seam,
    call,
    fault,
    fired: armed.fired,
    ending: operated && ENDINGS[operated.status],
    stops: operated?.stops ?? [],
    refusals: operated?.refusals.length ?? 0,
    problems,
    milliseconds: Date.now() - startedAt,
  };
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  succeeded: 'completed',
  'rolled-back': 'rolled back',
  rejected: 'rejected',
};

async function newExecution(scene: Scene, known: ReadonlySet<ExecutionId>): Promise<ExecutionId> {
  for (;;) {
    const found = (await scene.executions()).find((id) => !known.has(id));
    if (found !== undefined) return found;
    await sleep(10);
  }
}

/** What the target looks like before and after the migration when nothing goes wrong. */
export async function undisturbed(scene: Scene): Promise<Expected> {
  await scene.reset('whole');
  const before = await scene.picture();
  const nothing = async () => undefined;
  const { status, stops, refusals, reason } = await operate(scene, {
    migration: MIGRATION,
    onStop: nothing,
    timeoutMs: TIMEOUT_MS,
  });
  if (status !== 'succeeded' || stops.length > 0 || refusals.length > 0) {
    throw new TypeError(`the undisturbed run ended ${status}: ${reason ?? refusals.join('; ')}`);
  }
  return { before, after: await scene.picture() };
}
