import type { BatchFigures } from '../../ports/control-store.ts';
import { count } from './durations.ts';

const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * The last batches as two rows of bars, sizes and times, oldest first:
 * `rows ▁▃▆█ 1,000 to 4,500   time ▇▇▇▇ 88 to 102 ms`.
 * @returns undefined when there are too few to show how they change
 */
export function batchesView(batches: readonly BatchFigures[]): string | undefined {
  if (batches.length < 2) return undefined;
  const rows = batches.map((batch) => batch.rows);
  const times = batches.map((batch) => batch.ms);
  return `rows ${bars(rows)} ${span(rows)}   time ${bars(times)} ${span(times)} ms`;
}

/** From nothing to the largest, so that a bar is as high as its number is large. */
function bars(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values
    .map((value) => LEVELS[Math.round((value / most) * (LEVELS.length - 1))] ?? '')
    .join('');
}

function span(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? count(most) : `${count(least)} to ${count(most)}`;
}
