import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cell } from '../../faults/cell.ts';
import { ALL_CELLS } from '../../faults/cells/all-cells.ts';
import { type Expected, runCell, undisturbed } from '../../faults/run-cell.ts';
import { openScene, type Scene } from '../../faults/scene.ts';

/** Cells of the matrix that once were red; `npm run faults` runs all. */
const SAMPLE = [
  // A failover failed the check and, in the same second, the rollback.
  'database/validate-check/failover-to-read-only',
  // After its lease was stolen nobody could roll it back, for ever.
  'database/backfill-batch/lease-stolen',
  // A function that died in a transaction of its own kept the fence's row from the next call.
  'function-killed/at-the-commit-of-the-rollback/killed-not-done',
] as const;

let scene: Scene;
let expected: Expected;
beforeAll(async () => {
  scene = await openScene();
  expected = await undisturbed(scene);
}, 180_000);
afterAll(() => scene?.close());

describe('a migration under a fault ends well, or back, or in a named state', () => {
  it.each(SAMPLE)(
    '%s',
    async (id) => {
      const { fired, problems, ending } = await runCell(scene, cellNamed(id), expected);
      expect(problems).toEqual([]);
      expect(fired).toBeGreaterThan(0);
      expect(ending).toBeDefined();
    },
    120_000,
  );
});

describe('the matrix', () => {
  it('has at least 120 cells with a name each', () => {
    expect(ALL_CELLS.length).toBeGreaterThanOrEqual(120);
    expect(new Set(ALL_CELLS.map(({ id }) => id)).size).toBe(ALL_CELLS.length);
  });

  it('does not take a fault that was never met for a cell', async () => {
    const cell = cellNamed('data-api/executestatement-backfill-batch/throttled');
    const missed = { ...cell, aim: { ...cell.aim, nth: 100_000 } };
    expect((await runCell(scene, missed, expected)).problems).toEqual([
      'the fault was never met, so this cell says nothing',
    ]);
  }, 120_000);
});

function cellNamed(id: string): Cell {
  const cell = ALL_CELLS.find((one) => one.id === id);
  if (cell === undefined) throw new TypeError(`there is no cell ${id}`);
  return cell;
}
