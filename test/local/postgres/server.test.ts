import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { makePrivateDirectory } from '../../../lib/local/postgres/data-directory.ts';
import { type PostgresServer, startServer } from '../../../lib/local/postgres/server.ts';
import { freshDatabase } from '../../support/postgres.ts';

const superuser = { username: 'root_of_all', password: "p@ss/'word" };

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && isAlive(pid); i += 1) await sleep(100);
  return !isAlive(pid);
}

describe('an embedded PostgreSQL server', () => {
  let root: string;
  let dataDirectory: string;
  let server: PostgresServer;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lockkeeper-server-'));
    await makePrivateDirectory(root);
    dataDirectory = join(root, 'data');
    server = await startServer({ dataDirectory, superuser, settings: { work_mem: '7MB' } });
  });

  afterAll(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('takes settings, and asks for a scram password', async () => {
    // WHEN
    const [row] = await query(
      server.url(),
      `select current_setting('work_mem') as work_mem, current_setting('TimeZone') as zone,
              (select rolpassword from pg_authid where rolname = 'root_of_all') as secret`,
    );
    // THEN
    expect(row).toMatchObject({ work_mem: '7MB', zone: 'UTC' });
    expect(row?.['secret']).toMatch(/^SCRAM-SHA-256\$/);
    await expect(query(server.url().replace('word', 'wrong'), 'select 1')).rejects.toMatchObject({
      code: '28P01',
    });
  });

  it('keeps what was committed when it is killed, and starts again on the same directory', async () => {
    // GIVEN
    await query(server.url(), 'create table boat (name text)');
    await query(server.url(), "insert into boat values ('Vrouwe Maria')");
    // WHEN
    await server.kill();
    server = await startServer({ dataDirectory, superuser });
    // THEN
    expect(await query(server.url(), 'select name from boat')).toEqual([{ name: 'Vrouwe Maria' }]);
    expect(await readFile(server.logFile, 'utf8')).toContain('automatic recovery in progress');
  });

  it('starts when a crash left a lock file whose pid now belongs to somebody else', async () => {
    // GIVEN a lock file that names this very process
    await server.stop();
    await writeFile(join(dataDirectory, 'postmaster.pid'), `${process.pid}\n${dataDirectory}\n`);
    // WHEN
    server = await startServer({ dataDirectory, superuser });
    // THEN
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('fails when another server holds the directory, and says which', async () => {
    await expect(
      startServer({ dataDirectory, superuser, takeoverTimeoutMs: 300 }),
    ).rejects.toMatchObject({
      code: 'EmbeddedRuntime',
      message: expect.stringContaining(`pid ${server.pid}`),
    });
  });

  it('fails with the words of the server when a setting is wrong', async () => {
    const options = { dataDirectory: join(root, 'other'), superuser };
    await expect(
      startServer({ ...options, settings: { shared_buffers: 'lots' } }),
    ).rejects.toMatchObject({ message: expect.stringContaining('shared_buffers') });
  });

  it('does not outlive the process that started it, even one killed with SIGKILL', async () => {
    // GIVEN a process that starts a server and tells its pid
    const orphanDirectory = join(root, 'orphan');
    const script = `
      import { startServer } from ${JSON.stringify(join(process.cwd(), 'lib/local/postgres/server.ts'))};
      const server = await startServer({
        dataDirectory: ${JSON.stringify(join(orphanDirectory, 'data'))},
        superuser: { username: 'a', password: 'b' },
        removeAfterwards: ${JSON.stringify(orphanDirectory)},
      });
      console.log(server.pid);
      setInterval(() => {}, 1000);`;
    await makePrivateDirectory(orphanDirectory);
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    // WHEN
    child.kill('SIGKILL');
    await once(child, 'exit');
    // THEN the server stops and its throwaway directory goes
    expect(await untilGone(pid)).toBe(true);
    for (let i = 0; i < 50; i += 1) {
      if ((await stat(orphanDirectory).catch(() => undefined)) === undefined) break;
      await sleep(100);
    }
    await expect(stat(orphanDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a fresh test database', () => {
  it('is empty, is its own, and disappears', async () => {
    // GIVEN
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
    // WHEN
    await one.pool().query('create table mine (id int)');
    // THEN
    const seen = await two.pool().query("select to_regclass('mine') as found");
    expect(seen.rows).toEqual([{ found: null }]);
    await Promise.all([one.drop(), two.drop()]);
    await expect(query(one.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });

  it('can start as a copy of another', async () => {
    const template = await freshDatabase();
    await template.pool().query('create table t as select 42 as answer');
    // A template must have no other session.
    await query(
      template.url.replace(template.name, 'postgres'),
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${template.name}'`,
    );
    const copy = await freshDatabase({ template: template.name });
    expect((await copy.pool().query('select answer from t')).rows).toEqual([{ answer: 42 }]);
    await Promise.all([copy.drop(), template.drop()]);
  });
});
