import color from 'picocolors';
import { LOCK_LADDER, LONGEST_LOCK_WAIT_MS } from '../../core/plan/lock-ladder.ts';
import type { RollbackRow, RollbackTable } from '../../core/plan/rollback-table.ts';
import { lossWords, rehearsalWords, timeWords } from '../../core/plan/rollback-words.ts';
import { duration } from './durations.ts';
import { table } from './table.ts';

/** The way back of every step that changes something, and where structural rollback ends. */
export function rollbackView({ rows, end, wholeWay }: RollbackTable): string {
  const bases = new Map(rows.map(({ time }) => [time.basis, timeWords(time)]));
  return [
    color.bold('THE WAY BACK'),
    table(['#', 'step', 'way back', 'undo takes', 'loses', 'rehearsed'], rows.map(cells)),
    '',
    ...[...bases].map(([basis, words]) => color.dim(`${words}: ${basis}`)),
    color.dim(
      `an undo that needs a strong lock waits for it at most ${duration(LONGEST_LOCK_WAIT_MS)} at a time, ${LOCK_LADDER.length} times`,
    ),
    `taking back all steps before finalize: ${timeWords(wholeWay)}`,
    end,
  ].join('\n');
}

function cells({ number, stepId, wayBack, time, loses, rehearsed }: RollbackRow): string[] {
  const colored = wayBack === 'operational' ? color.red : color.green;
  return [
    String(number),
    stepId,
    colored(wayBack),
    timeWords(time),
    lossWords(loses),
    rehearsalWords(rehearsed),
  ];
}
