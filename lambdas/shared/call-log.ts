import { Logger } from '@aws-lambda-powertools/logger';
import { isLockkeeperError } from '../../lib/core/errors.ts';
import type { HandlerName } from '../../lib/core/workflow/handlers.ts';
import type { Outcome } from '../../lib/core/workflow/outcome.ts';
import type { TaskInput } from '../../lib/core/workflow/payload.ts';
import { framesOf } from './quiet-error.ts';

/** Which call a line is about; every line of the call has it. */
export type CallIdentity = Partial<Pick<TaskInput, 'executionId' | 'run'>> & {
  readonly migrationId?: string;
};

/** What one call of a handler writes into its log: JSON lines, one a fact. */
export interface CallLog {
  /** The same log, knowing more about the call. */
  about(identity: CallIdentity): CallLog;
  note(message: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  trouble(message: string): void;
  outcome(outcome: Outcome, tookMs: number): void;
  failure(error: unknown): void;
}

/**
 * Only what the product itself says is logged. Texts of PostgreSQL and of AWS may quote rows, and
 * reasons may quote them: they are in the control store, where `lockkeeper status` reads them, and
 * stay out of the log.
 */
export function callLog(handler: HandlerName): CallLog {
  return logTo(new Logger({ serviceName: 'lockkeeper', persistentLogAttributes: { handler } }));
}

function logTo(logger: Logger): CallLog {
  return {
    about: (identity) => logTo(logger.createChild({ persistentLogAttributes: { ...identity } })),
    note: (message, facts = {}) => logger.info(message, facts),
    trouble: (message) => logger.warn(message),
    outcome: (outcome, tookMs) =>
      logger.info('the call ended', {
        outcome: outcome.kind,
        tookMs,
        ...(outcome.kind === 'wait' && { seconds: outcome.seconds }),
      }),
    failure: (error) => logger.error('the call failed', nameOf(error)),
  };
}

/** Who raised it and where, without its words. */
function nameOf(error: unknown): Record<string, string | boolean | readonly string[]> {
  if (!(error instanceof Error)) return { errorName: typeof error };
  return {
    errorName: error.name,
    ...(isLockkeeperError(error) && { source: error.source, retryable: error.retryable }),
    frames: framesOf(error).map((line) => line.trim()),
  };
}
