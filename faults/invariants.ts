import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionId } from '../lib/core/ids.ts';
import { executionTag } from '../lib/engine/tag.ts';
import { ROWS } from './migrations.ts';
import type { Operated } from './operate.ts';
import type { Expected } from './run-cell.ts';
import type { Picture, Scene } from './scene.ts';

/** What is cleared up a moment after the end: a last release, a session that gives its lock back; a busy machine takes its time. */
const LAST_ACT_MS = 20_000;

/** Everything that must hold when an execution has ended, whatever went wrong on its way. */
export async function wrongWith(
  scene: Scene,
  { executionId, status }: Operated,
  { before, after }: Expected,
): Promise<readonly string[]> {
  const leftovers = await settled(() => leftoversOf(scene, executionId));
  const succeeded = status === 'succeeded';
  return [
    ...leftovers,
    ...differences(await scene.picture(), succeeded ? after : before),
    ...(await wrongMoves(scene, succeeded)),
    ...(await wrongLedger(scene, executionId, status)),
  ];
}

async function settled(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (const giveUpAt = Date.now() + LAST_ACT_MS; ; await sleep(50)) {
    const found = await look();
    if (found.length === 0 || Date.now() > giveUpAt) return found;
  }
}

async function leftoversOf(scene: Scene, executionId: ExecutionId): Promise<readonly string[]> {
  const { control, target, workflow } = scene.observer;
  const lease = await control.getLease(target.name);
  const invalid = await scene.ask<{ name: string }>(
    'select indexrelid::regclass::text as name from pg_index where not indisvalid',
  );
  const sessions = await scene.ask<{ state: string }>(
    `select state from pg_stat_activity
     where position($1 in query) > 0 and pid <> pg_backend_pid() and state <> 'idle'`,
    [executionTag(executionId)],
  );
  const runs = (await control.getExecution(executionId))?.runs ?? [];
  const workflows = await Promise.all(runs.map(({ run }) => workflow.describe(run)));
  return [
    ...(lease === undefined ? [] : [`the lease is still with ${lease.executionId}`]),
    ...invalid.map(({ name }) => `index ${name} is INVALID`),
    ...sessions.map(({ state }) => `a session of the execution is still ${state}`),
    ...workflows
      .filter(({ status }) => status === 'RUNNING')
      .map(() => 'a workflow of the execution still runs'),
  ];
}

function differences(found: Picture, expected: Picture): readonly string[] {
  const sameRows = JSON.stringify(found.rows) === JSON.stringify(expected.rows);
  return [
    ...(found.schema === expected.schema ? [] : ['the schema is not what it should be']),
    ...(sameRows ? [] : [`the rows are not what they should be, such as ${found.rows[0]}`]),
  ];
}

async function wrongMoves(scene: Scene, succeeded: boolean): Promise<readonly string[]> {
  const [moves] = await scene.ask<{ moved: number; rows: number }>(
    'select count(*)::int as moved, count(distinct id)::int as rows from witness.moves',
  );
  const { moved = 0, rows = 0 } = moves ?? {};
  return [
    ...(moved === rows ? [] : [`${moved - rows} rows were moved twice`]),
    ...(succeeded && rows !== ROWS ? [`${ROWS - rows} rows were not moved`] : []),
  ];
}

async function wrongLedger(
  scene: Scene,
  executionId: ExecutionId,
  status: Operated['status'],
): Promise<readonly string[]> {
  const expected = { succeeded: 'applied', 'rolled-back': 'rolled-back' }[status as string];
  const [ledger] = await scene.ask<{ found: boolean }>(
    `select to_regclass('lockkeeper.migrations') is not null as found`,
  );
  const rows =
    ledger?.found === true
      ? await scene.ask<{ status: string }>(
          'select status from lockkeeper.migrations where execution_id = $1',
          [executionId],
        )
      : [];
  const [row] = rows;
  // What was refused or taken back before its first step has left no line in the ledger.
  if (row === undefined) return status === 'succeeded' ? ['the ledger does not know it'] : [];
  return row.status === expected ? [] : [`the ledger says ${row.status}, the store ${status}`];
}
