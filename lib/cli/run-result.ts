import type { Execution } from '../core/executions/execution.ts';
import type { CommandResult } from './command-result.ts';
import { EXIT_CODES } from './exit-codes.ts';

const DIRECTIONS = {
  forward: 'started',
  resume: 'goes on from where it was',
  rollback: 'goes back, newest step first',
} as const;

/** A new run of an execution was handed over. */
export function runResult({ executionId, runs }: Execution): CommandResult {
  const run = runs.at(-1);
  const message = DIRECTIONS[run?.mode ?? 'forward'];
  return {
    exitCode: EXIT_CODES.ok,
    text: [`${executionId}: ${message}`, '', 'next', `  lockkeeper watch ${executionId}`].join(
      '\n',
    ),
    value: { executionId, by: run?.startedBy, message, run: run?.run, mode: run?.mode },
  };
}
