import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Target } from './shapes.ts';

/** The column that its migration adds; until it is completed, it has the name behind. */
const COLUMN = 'filled_by_pgroll';

/** Whether pgroll itself can be run. */
export function hasPgroll(): boolean {
  return spawnSync('pgroll', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** What it fills, as its own name for it. */
export function pgrollTarget({ expression }: Target): Target {
  return { column: `_pgroll_new_${COLUMN}`, expression };
}

/** Its state, and the table as it is for the start of its history. @throws Error when it fails */
export async function preparePgroll(url: string): Promise<void> {
  await withFolder(async (folder) => {
    await pgroll(url, ['init']);
    await pgroll(url, ['baseline', '00_baseline', folder, '--yes']);
  });
}

/**
 * Starts a migration that adds a column with `up`: pgroll adds it, its mark and its trigger, and
 * fills it. The whole command is timed, of which all but the filling takes a moment.
 * @returns rows moved
 */
export async function runPgrollBinary(
  url: string,
  batchRows: number,
  { expression }: Target,
): Promise<{ readonly rows: number }> {
  await withFolder(async (folder) => {
    const file = join(folder, '01_fill.json');
    const column = { name: COLUMN, type: 'text', nullable: true };
    const operations = [{ add_column: { table: 'items', column, up: expression } }];
    await writeFile(file, JSON.stringify({ operations }));
    await pgroll(url, ['start', file, '--backfill-batch-size', String(batchRows)]);
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ rows: number }>(
      'select count(*)::float8 as rows from items where not _pgroll_needs_backfill',
    );
    return { rows: rows[0]?.rows ?? 0 };
  } finally {
    await client.end();
  }
}

/** Its progress bar is read and dropped. */
async function pgroll(url: string, args: readonly string[]): Promise<void> {
  const child = spawn('pgroll', ['--postgres-url', `${url}?sslmode=disable`, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new Error(`pgroll ${args[0]} ended with ${code}: ${Buffer.concat(said).toString()}`);
  }
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-pgroll-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
