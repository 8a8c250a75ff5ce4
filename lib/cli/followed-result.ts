import color from 'picocolors';
import type { CommandResult } from './command-result.ts';
import { EXIT_CODES, exitCodeOfStatus } from './exit-codes.ts';
import type { Followed } from './follow.ts';
import { statusView } from './views/status-view.ts';

/** Where an execution stood when the following ended, with the exit code that says how it went. */
export function followedResult({ kind, facts }: Followed, now: number): CommandResult {
  const { status } = facts.execution;
  const view = statusView(facts, now);
  switch (kind) {
    case 'ended':
    case 'reached':
      return { exitCode: exitCodeOfStatus(status), text: view, value: facts };
    case 'timed-out':
      return {
        exitCode: EXIT_CODES.stillWaiting,
        text: `${view}\n\n${color.yellow('the time is over; the execution goes on by itself')}`,
        value: facts,
      };
    case 'abandoned':
      return {
        exitCode: EXIT_CODES.unexpected,
        text: `${view}\n\n${color.red('nobody works on it any more; decide how it goes on')}`,
        value: facts,
      };
  }
}
