import { randomFrom } from '../lib/demo/traffic/random.ts';
import type { Cell } from './cell.ts';

export interface Choice {
  readonly only: RegExp;
  readonly cell: string | undefined;
  readonly sample: number | undefined;
  readonly seed: number;
}

/**
 * The cells to run, in an order that depends on the seed: cells share one embedded AWS, so what one
 * leaves behind meets another each time.
 * @throws TypeError when there is no such cell
 */
export function chooseCells(cells: readonly Cell[], choice: Choice): readonly Cell[] {
  const { only, cell, sample, seed } = choice;
  const fitting = cells.filter(({ id }) => (cell === undefined ? only.test(id) : id === cell));
  if (fitting.length === 0) throw new TypeError(`there is no cell ${cell ?? only.source}`);
  return shuffled(fitting, seed).slice(0, sample ?? fitting.length);
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = randomFrom(seed);
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T);
}
