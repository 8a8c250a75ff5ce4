import type { CellResult } from '../run-cell.ts';

/** A cell of the matrix in a few characters. */
export function wordsOf({ ending, stops, refusals, problems }: CellResult): string {
  if (problems.length > 0) return '**WRONG**';
  const stopped = stops.map(({ status, next }) =>
    status === 'held' ? 'held' : `${status}, \`${verbOf(next)}\``,
  );
  return [...(refusals > 0 ? ['again'] : []), ...stopped, ending ?? 'no end'].join(', ');
}

const verbOf = (command: string): string => command.split(' ')[1] ?? command;

export interface Tally {
  readonly cells: number;
  readonly completed: number;
  readonly rolledBack: number;
  readonly rejected: number;
  /** Of the others: those that stood still in a named state on their way. */
  readonly stopped: number;
  readonly wrong: number;
}

export function tallyOf(cells: readonly CellResult[]): Tally {
  const count = (holds: (cell: CellResult) => boolean) => cells.filter(holds).length;
  const green = (cell: CellResult) => cell.problems.length === 0;
  return {
    cells: cells.length,
    completed: count((cell) => green(cell) && cell.ending === 'completed'),
    rolledBack: count((cell) => green(cell) && cell.ending === 'rolled back'),
    rejected: count((cell) => green(cell) && cell.ending === 'rejected'),
    stopped: count((cell) => green(cell) && cell.stops.length > 0),
    wrong: count((cell) => !green(cell)),
  };
}
