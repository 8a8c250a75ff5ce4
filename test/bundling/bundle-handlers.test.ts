import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bundleHandlers } from '../../lib/bundling/bundle-handlers.ts';

/** The handlers are inside of the project, because they import its packages. */
const PARENT = join(import.meta.dirname, '../../dist');

let directory: string;
let outside: string;
let entryDirectory: string;
let outDirectory: string;

beforeEach(async () => {
  await mkdir(PARENT, { recursive: true });
  directory = await mkdtemp(join(PARENT, 'bundling-test-'));
  entryDirectory = join(directory, 'handlers');
  // The bundles are outside, so that none of the project's packages can be found from there.
  outside = await mkdtemp(join(tmpdir(), 'bundling-test-'));
  outDirectory = join(outside, 'out');
  await cp(join(import.meta.dirname, 'fixtures'), entryDirectory, { recursive: true });
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
  await rm(outside, { recursive: true, force: true });
});

/** Calls a bundled handler in a process of its own. */
async function call(name: string, event: unknown): Promise<unknown> {
  const script = `
    const { handler } = await import(${JSON.stringify(join(outDirectory, name, 'index.mjs'))});
    process.stdout.write(JSON.stringify(await handler(${JSON.stringify(event)})));
  `;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: outside });
  return JSON.parse(stdout);
}

describe('bundleHandlers', () => {
  it('makes one folder for each handler, and no entry of what they share', async () => {
    const { names, state } = await bundleHandlers({ entryDirectory, outDirectory });

    expect(state).toBe('bundled');
    expect(names).toEqual(['call-aws', 'parse']);
    expect((await readdir(outDirectory)).sort()).toEqual(['bundle.json', 'call-aws', 'parse']);
    expect((await readdir(join(outDirectory, 'call-aws'))).sort()).toEqual([
      'index.mjs',
      'index.mjs.map',
    ]);
  });

  it('brings what a package opens at run time: the PostgreSQL parser works', async () => {
    // GIVEN
    await bundleHandlers({ entryDirectory, outDirectory });

    // WHEN
    const answer = await call('parse', { sql: 'select 1; create index concurrently i on t (a)' });

    // THEN
    expect(answer).toEqual({ statements: 2 });
  });

  it('brings the SDK', async () => {
    await bundleHandlers({ entryDirectory, outDirectory });

    expect(await call('call-aws', {})).toEqual({ services: ['DynamoDB', 'RDS Data'], answer: 42 });
  });

  it('does nothing when nothing changed', async () => {
    await bundleHandlers({ entryDirectory, outDirectory });

    const again = await bundleHandlers({ entryDirectory, outDirectory });

    expect(again.state).toBe('fresh');
    expect(again.names).toEqual(['call-aws', 'parse']);
  });

  it('bundles again when a file that a handler imports changed', async () => {
    await bundleHandlers({ entryDirectory, outDirectory });
    await writeFile(join(entryDirectory, 'answer.ts'), 'export const answer = 43;\n');

    const again = await bundleHandlers({ entryDirectory, outDirectory });

    expect(again.state).toBe('bundled');
    expect(await call('call-aws', {})).toMatchObject({ answer: 43 });
  });

  it('forgets the bundle of a handler that is gone', async () => {
    await bundleHandlers({ entryDirectory, outDirectory });
    await rm(join(entryDirectory, 'parse.lambda.ts'));

    const again = await bundleHandlers({ entryDirectory, outDirectory });

    expect(again).toMatchObject({ state: 'bundled', names: ['call-aws'] });
    expect(await readdir(outDirectory)).not.toContain('parse');
  });

  it('may be asked for by several processes at once', async () => {
    // GIVEN bundles of before, and a change that everybody finds
    await bundleHandlers({ entryDirectory, outDirectory });
    await writeFile(join(entryDirectory, 'answer.ts'), 'export const answer = 44;\n');
    const module = join(import.meta.dirname, '../../lib/bundling/bundle-handlers.ts');
    const script = `
      const { bundleHandlers } = await import(${JSON.stringify(module)});
      await bundleHandlers(${JSON.stringify({ entryDirectory, outDirectory })});
    `;
    const args = ['--input-type=module', '--eval', script];

    // WHEN
    await Promise.all([1, 2].map(() => promisify(execFile)(process.execPath, args)));

    // THEN nobody failed, it is whole, and nothing is left beside it
    expect(await call('call-aws', {})).toMatchObject({ answer: 44 });
    expect(await readdir(outside)).toEqual(['out']);
  });

  it('fails when a handler does not compile, and leaves the bundles that work', async () => {
    await bundleHandlers({ entryDirectory, outDirectory });
    await writeFile(join(entryDirectory, 'parse.lambda.ts'), 'export const handler = ;\n');

    await expect(bundleHandlers({ entryDirectory, outDirectory })).rejects.toThrow(
      'parse.lambda.ts',
    );

    expect(await readdir(outside)).toEqual(['out']);
    expect(await call('parse', { sql: 'select 1' })).toEqual({ statements: 1 });
  });

  it('fails when there are no handlers', async () => {
    await expect(bundleHandlers({ entryDirectory: PARENT, outDirectory })).rejects.toThrow(
      'no *.lambda.ts in',
    );
  });
});
