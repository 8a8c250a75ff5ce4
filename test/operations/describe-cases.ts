import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { OperationCase } from './operation-case.ts';
import { type CaseRunner, caseRunner } from './run-case.ts';

/** A case takes less than a second; a busy machine may need many. */
const TIMEOUT_MS = 120_000;

/**
 * Declares a test for each case: its whole life, with both versions of the application writing, keeps
 * every invariant, and takes no lock that the plan did not announce.
 */
export function describeCases(cases: readonly OperationCase[]): void {
  let runner: CaseRunner;
  beforeAll(() => {
    runner = caseRunner();
  });
  afterAll(() => runner.close());

  it.each(cases.map((each) => [each.name, each] as const))(
    '%s',
    async (_name, each) => {
      const { problems, unannounced } = await runner.run(each);
      expect(problems).toEqual([]);
      expect(unannounced).toEqual([]);
    },
    TIMEOUT_MS,
  );
}
