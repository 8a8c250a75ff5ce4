import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { exampleDirectory } from '../../lib/demo/saas/example-directory.ts';
import { loadSaas } from '../../lib/demo/saas/load-saas.ts';
import { startEmbeddedAws } from '../../lib/local/embedded-aws.ts';
import { makeReachable } from '../../lib/local/postgres/data-directory.ts';
import { KILLED_RUNTIME_SETTINGS } from './runtime-words.ts';
import { WITNESS_STATEMENTS } from './witness.ts';

const run = promisify(execFile);

export const DEMO_MIGRATION = '0001_add_billing';

/** A project whose runtime is down, ready to be copied. */
export interface Template {
  readonly root: string;
  remove(): Promise<void>;
}

const CONFIGURATION = `version: 1
environments:
  embedded:
    target: {kind: embedded}
`;

/** Loads the example once; each killed run gets a copy of it. */
export async function makeTemplate(invoices: number): Promise<Template> {
  const root = await mkdtemp(join(tmpdir(), 'lockkeeper-kills-'));
  await makeReachable(root);
  await writeFile(join(root, 'lockkeeper.yaml'), CONFIGURATION);
  await copyMigration(root);
  await mkdir(stateDirectoryOf(root));
  const aws = await startEmbeddedAws({
    stateDirectory: stateDirectoryOf(root),
    serverSettings: KILLED_RUNTIME_SETTINGS,
  });
  try {
    const { clusterIdentifier, database, databaseUrl } = aws.description;
    const owner = openPool(databaseUrl);
    const accounts = Math.max(100, Math.round(invoices / 50));
    await loadSaas(owner, { accounts, users: accounts * 3, invoices, seed: 2026 });
    await owner.end();
    const url = aws.rds.postgres(clusterIdentifier)?.url(database);
    const admin = openPool(url);
    for (const statement of WITNESS_STATEMENTS) await admin.query(statement);
    await admin.end();
  } finally {
    await aws.close();
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

/** A pool may still say goodbye when its server goes. */
function openPool(connectionString: string | undefined): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 1 });
  pool.on('error', () => undefined);
  return pool;
}

/** The soak of three seconds is for people; a run that is killed a hundred times has no time for it. */
async function copyMigration(root: string): Promise<void> {
  const folder = join(root, 'migrations', DEMO_MIGRATION);
  await cp(join(exampleDirectory(), 'migrations', DEMO_MIGRATION), folder, { recursive: true });
  const file = join(folder, 'migration.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('duration: 3s', 'duration: 1s'));
}

export const stateDirectoryOf = (root: string): string => join(root, '.lockkeeper');

/** A copy with everything in it as it is. */
export async function copyOf({ root }: Template): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'lockkeeper-killed-'));
  await makeReachable(copy);
  // `fs.cp` forgets who owns a file, and the server's account owns its own.
  await run('cp', ['-a', `${root}/.`, copy]);
  return copy;
}
