/**
 * Runs life cycles of operations and says how each went.
 *
 *     node scripts/operation-cases.ts [part of a name]
 */

import { ALL_CASES } from '../test/operations/cases/all-cases.ts';
import { runCase } from '../test/operations/run-case.ts';
import { controlScene } from '../test/support/engine-scene.ts';

const wanted = process.argv.slice(2).join(' ');
const cases = ALL_CASES.filter(({ name }) => name.includes(wanted));
const scene = await controlScene();
let failed = 0;
for (const each of cases) {
  const start = performance.now();
  const { problems, unannounced } = await runCase(scene, each).catch((error: unknown) => ({
    problems: [error instanceof Error ? error.message : String(error)],
    unannounced: [],
  }));
  const took = `${Math.round(performance.now() - start)} ms`;
  const all = [...problems, ...unannounced.map((lock) => `lock: ${JSON.stringify(lock)}`)];
  if (all.length > 0) failed += 1;
  process.stdout.write(`${all.length === 0 ? 'ok  ' : 'FAIL'} ${took.padStart(8)}  ${each.name}\n`);
  for (const problem of all)
    process.stdout.write(`      ${problem.replaceAll('\n', '\n      ')}\n`);
}
await scene.close();
process.stdout.write(`${cases.length - failed} of ${cases.length}\n`);
process.exitCode = failed === 0 ? 0 : 1;
