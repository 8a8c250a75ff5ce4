/**
 * Random schemas, random operations on them, and an engine that dies at random moments.
 *
 *     node scripts/operation-properties.ts [--runs 200] [--seed n]
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { randomMigration } from '../test/operations/random-migration.ts';
import { caseRunner } from '../test/operations/run-case.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string' } },
});
const runner = caseRunner();
const start = performance.now();
let runs = 0;
const details = await fc.check(
  fc.asyncProperty(randomMigration, async ({ each, dies }) => {
    const { problems, unannounced } = await runner.run(each, { dies, plainIs: 'behind' });
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
await runner.close();
const seconds = Math.round((performance.now() - start) / 1_000);
process.stdout.write(
  details.failed
    ? `failed, seed ${details.seed}: ${fc.stringify(details.counterexample)}\n${String(details.errorInstance)}\n`
    : `${details.numRuns} runs passed in ${seconds} s, seed ${details.seed}\n`,
);
process.exitCode = details.failed ? 1 : 0;
