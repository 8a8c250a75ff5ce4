import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomMigration } from './random-migration.ts';
import { type CaseRunner, caseRunner } from './run-case.ts';

/** A run takes less than a second; a busy machine, and looking for the smallest failure, many. */
const TIMEOUT_MS = 600_000;

/** As many runs as somebody wants: node scripts/operation-properties.ts --runs 5000 */
export function describeRandomMigrations({ seed, runs }: { seed: number; runs: number }): void {
  let runner: CaseRunner;
  beforeAll(() => {
    runner = caseRunner();
  });
  afterAll(() => runner.close());

  it(
    'any few operations on any schema keep every invariant, whenever the engine dies',
    async () => {
      await fc.assert(
        fc.asyncProperty(randomMigration, async ({ each, dies }) => {
          const { problems, unannounced } = await runner.run(each, { dies, plainIs: 'behind' });
          expect({ problems, unannounced }).toEqual({ problems: [], unannounced: [] });
        }),
        { numRuns: runs, seed },
      );
    },
    TIMEOUT_MS,
  );
}
