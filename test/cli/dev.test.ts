import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type TemporaryProject, temporaryProject } from './support/temporary-project.ts';

const BIN = new URL('../../bin/lockkeeper.ts', import.meta.url).pathname;

let project: TemporaryProject;
let server: ChildProcess | undefined;
beforeAll(async () => {
  project = await temporaryProject({
    'lockkeeper.yaml': 'version: 1\nenvironments:\n  embedded: {target: {kind: embedded}}\n',
  });
});
afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  await project.remove();
});

const spawned = (...argv: readonly string[]) =>
  spawn(process.execPath, [BIN, ...argv], { cwd: project.root, stdio: ['ignore', 'pipe', 'pipe'] });

/** Runs the program to its end. */
async function lockkeeper(...argv: readonly string[]) {
  const child = spawned(...argv);
  const [out, err, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { exitCode: exitCode as number, out, err };
}

/** The JSON value that a process prints before it ends. */
async function firstValue(child: ChildProcess): Promise<unknown> {
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += String(chunk);
    // The value is printed with indentation, so only its last line begins with a brace.
    if (/^}$/m.test(printed)) return JSON.parse(printed);
  }
  throw new TypeError(`ended without a value: ${printed}`);
}

describe('lockkeeper dev', () => {
  it('runs the services with the example in the database', async () => {
    // WHEN
    const child = spawned('dev', '--load', 'saas', '--json');
    server = child;
    const value = (await firstValue(child)) as { databaseUrl: string; variables: object };

    // THEN
    expect(value).toMatchObject({
      stateDirectory: join(project.root, '.lockkeeper'),
      clusterArn: expect.stringMatching(/^arn:aws:rds:/),
      variables: { AWS_ENDPOINT_URL_SFN: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/) },
    });
    expect(value).not.toHaveProperty('tokenSecret');
    const client = new pg.Client({ connectionString: value.databaseUrl });
    await client.connect();
    const { rows } = await client.query('select count(*)::int as invoices from invoices');
    await client.end();
    expect(rows).toEqual([{ invoices: 100_000 }]);
  }, 120_000);

  it('is reached by another process of the same project', async () => {
    expect(await lockkeeper('history')).toEqual({
      exitCode: 0,
      out: 'there is no execution yet\n',
      err: '',
    });
  });

  it('does not start twice on one state directory', async () => {
    const { exitCode, out, err } = await lockkeeper('dev');
    expect({ exitCode, out }).toEqual({ exitCode: 7, out: '' });
    expect(err).toContain(`process ${server?.pid} runs on`);
  });

  it('shuts down cleanly', async () => {
    // WHEN
    server?.kill('SIGTERM');
    const [exitCode] = await once(server as ChildProcess, 'exit');

    // THEN
    expect(exitCode).toBe(0);
    for (const file of ['dev.pid', 'embedded.json']) {
      expect(existsSync(join(project.root, '.lockkeeper', file))).toBe(false);
    }
    expect(await lockkeeper('status')).toMatchObject({
      exitCode: 8,
      err: expect.stringContaining('no embedded AWS is running'),
    });
  }, 60_000);
});
