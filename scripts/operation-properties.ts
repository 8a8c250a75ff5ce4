/**
 * Random schemas, random operations on them, and an engine that dies at random moments.
 *
 *     node scripts/operation-properties.ts [--runs 200] [--seed n]
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { randomMigration } from '../test/operations/random-migration.ts';
import { runCase } from '../test/operations/run-case.ts';
import { controlScene } from '../test/support/engine-scene.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string' } },
});
const scene = await controlScene();
let runs = 0;
const details = await fc.check(
  fc.asyncProperty(randomMigration, async ({ each, dies }) => {
    const { problems, unannounced } = await runCase(scene, each, { dies, plainIs: 'behind' });
    runs += 1;
    process.stderr.write(`${runs} ${each.name}\n`);
    if (problems.length + unannounced.length > 0) {
      throw new Error([...problems, JSON.stringify(unannounced)].join('\n'));
    }
  }),
  {
    numRuns: Number(values.runs),
    ...(values.seed !== undefined && { seed: Number(values.seed) }),
  },
);
await scene.close();
process.stdout.write(
  details.failed
    ? `failed, seed ${details.seed}: ${fc.stringify(details.counterexample)}\n${String(details.errorInstance)}\n`
    : `${details.numRuns} runs passed, seed ${details.seed}\n`,
);
process.exitCode = details.failed ? 1 : 0;
