import type { Cell } from './cell.ts';
import { type CellResult, runCell, undisturbed } from './run-cell.ts';
import { openScene } from './scene.ts';

export interface MatrixFacts {
  readonly seed: number;
  /** In the order of the matrix, not in that in which they ran. */
  readonly cells: readonly CellResult[];
}

/** Runs the cells one after the other on one embedded AWS. */
export async function measureMatrix(
  cells: readonly Cell[],
  seed: number,
  onCell: (result: CellResult, soFar: MatrixFacts) => Promise<void>,
): Promise<MatrixFacts> {
  const scene = await openScene();
  try {
    const expected = await undisturbed(scene);
    const results: CellResult[] = [];
    for (const cell of cells) {
      const result = await runCell(scene, cell, expected);
      results.push(result);
      await onCell(result, { seed, cells: results });
    }
    return { seed, cells: results };
  } finally {
    await scene.close();
  }
}
