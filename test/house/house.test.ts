import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, type ErrorCode, LockkeeperError } from '../../lib/core/errors.ts';

/** What the linter cannot say about the house: each rule is one question to the source itself. */
const ROOT = join(import.meta.dirname, '../..');

async function sources(...folders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of await readdir(join(ROOT, folder), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      found.set(relative(ROOT, path), await readFile(path, 'utf8'));
    }
  }
  return found;
}

const linesWith = (files: ReadonlyMap<string, string>, pattern: RegExp) =>
  [...files].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );

describe('the source', () => {
  it('asks no clock and no chance inside lib/core', async () => {
    const core = await sources('lib/core');
    expect(
      linesWith(core, /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(/),
    ).toEqual([]);
  });

  it('throws named errors only', async () => {
    const product = await sources('lib', 'lambdas', 'bin');
    expect(linesWith(product, /\bthrow new Error\(/)).toEqual([]);
  });

  it('has no file past 400 lines', async () => {
    const product = await sources('lib', 'lambdas', 'bin');
    const long = [...product].filter(([, text]) => text.split('\n').length > 400);
    expect(long.map(([path]) => path)).toEqual([]);
  });

  it('keeps handlers thin: each lambda at most 100 lines', async () => {
    const handlers = [...(await sources('lambdas'))].filter(([path]) =>
      path.endsWith('.lambda.ts'),
    );
    expect(handlers.length).toBeGreaterThan(0);
    const thick = handlers.filter(([, text]) => text.split('\n').length > 100);
    expect(thick.map(([path]) => path)).toEqual([]);
  });

  it('runs every test it has', async () => {
    const tests = await sources('test');
    tests.delete('test/house/house.test.ts');
    expect(linesWith(tests, /\b(?:it|test|describe)\.(?:skip|only|todo)\b/)).toEqual([]);
  });
});

it('names every error by its code', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const error = new LockkeeperError(code, 'something happened');
    expect(error.name).toBe(code);
    expect(error.source).toBe(ERROR_CODES[code].source);
  }
});
