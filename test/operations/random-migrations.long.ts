import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ControlScene, controlScene } from '../support/engine-scene.ts';
import { randomMigration } from './random-migration.ts';
import { runCase } from './run-case.ts';

let scene: ControlScene;
beforeAll(async () => {
  scene = await controlScene();
});
afterAll(() => scene.close());

/** Few here; as many as somebody wants: node scripts/operation-properties.ts --runs 5000 */
const RUNS = 6;

it('any few operations on any schema keep every invariant, whenever the engine dies', async () => {
  await fc.assert(
    fc.asyncProperty(randomMigration, async ({ each, dies }) => {
      const { problems, unannounced } = await runCase(scene, each, { dies, plainIs: 'behind' });
      expect({ problems, unannounced }).toEqual({ problems: [], unannounced: [] });
    }),
    { numRuns: RUNS, seed: 4 },
  );
}, 300_000);
