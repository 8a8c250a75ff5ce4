import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ControlScene, controlScene } from '../support/engine-scene.ts';
import type { OperationCase } from './operation-case.ts';
import { runCase } from './run-case.ts';

/** A case takes a second or two; a busy machine may need many. */
const TIMEOUT_MS = 120_000;

/**
 * Declares a test for each case: its whole life, with both versions of the application writing, keeps
 * every invariant, and takes no lock that the plan did not announce.
 */
export function describeCases(cases: readonly OperationCase[]): void {
  let scene: ControlScene;
  beforeAll(async () => {
    scene = await controlScene();
  });
  afterAll(() => scene.close());

  it.each(cases.map((each) => [each.name, each] as const))(
    '%s',
    async (_name, each) => {
      const { problems, unannounced } = await runCase(scene, each);
      expect(problems).toEqual([]);
      expect(unannounced).toEqual([]);
    },
    TIMEOUT_MS,
  );
}
