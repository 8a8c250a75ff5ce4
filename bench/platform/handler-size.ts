import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { handlerBundles } from '../../lib/bundling/handler-bundles.ts';
import type { HandlerFacts } from '../facts.ts';

const run = promisify(execFile);

/** Size and import time of every handler, as bundled for Lambda. @param repetitions imports of each, an odd number */
export async function measureHandlers(repetitions: number): Promise<readonly HandlerFacts[]> {
  const directory = await handlerBundles();
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const handlers: HandlerFacts[] = [];
  for (const name of names.sort()) {
    const path = join(directory, name, 'index.mjs');
    const { size } = await stat(path);
    handlers.push({ name, bytes: size, importMs: await importTime(path, repetitions) });
  }
  return handlers;
}

/** Median of new processes; their own start is not in it. */
async function importTime(path: string, repetitions: number): Promise<number> {
  const url = JSON.stringify(pathToFileURL(path).href);
  const script = `const start = performance.now(); await import(${url}); process.stdout.write(String(performance.now() - start)); process.exit(0);`;
  const times: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      env: { AWS_REGION: 'us-east-1' },
    });
    times.push(Number(stdout));
  }
  return times.sort((a, b) => a - b)[Math.floor(repetitions / 2)] ?? Number.NaN;
}
