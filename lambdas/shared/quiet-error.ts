import type { ExecutionId } from '../../lib/core/ids.ts';

/**
 * A failure as Lambda writes it into its log and Step Functions keeps it in the history: the name,
 * which retries match on, and where it came from. Its words may quote rows; they are in the control
 * store, where `lockkeeper status` reads them.
 */
export class QuietError extends Error {
  constructor(error: unknown, executionId: ExecutionId) {
    super(`lockkeeper status ${executionId} has the reason`);
    this.name = error instanceof Error ? error.name : 'Error';
    this.stack = [`${this.name}: ${this.message}`, ...framesOf(error)].join('\n');
  }
}

/** The lines of a stack that say where, without the message above them. */
export function framesOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.split('\n').filter((line) => /^\s+at /.test(line));
}
