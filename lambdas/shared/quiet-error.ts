import type { ErrorCode } from '../../lib/core/errors.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import { DatabaseError, isPassing } from '../../lib/ports/database.ts';

/**
 * A failure as Lambda writes it into its log and Step Functions keeps it in the history: the name,
 * which retries match on, and where it came from. Its words may quote rows; they are in the control
 * store, where `lockkeeper status` reads them.
 */
export class QuietError extends Error {
  constructor(error: unknown, executionId: ExecutionId) {
    super(`lockkeeper status ${executionId} has the reason`);
    this.name = nameOf(error);
    this.stack = [`${this.name}: ${this.message}`, ...framesOf(error)].join('\n');
  }
}

/** Trouble of the database that passes gets a name that the state machine tries again. */
function nameOf(error: unknown): string {
  if (error instanceof DatabaseError && isPassing(error)) {
    const code: ErrorCode =
      error.kind === 'outcome-unknown' ? 'OutcomeUnknown' : 'TargetUnreachable';
    return code;
  }
  return error instanceof Error ? error.name : 'Error';
}

/** The lines of a stack that say where, without the message above them. */
export function framesOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.split('\n').filter((line) => /^\s+at /.test(line));
}
