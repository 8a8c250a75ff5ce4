import type { ExecutionFlags } from '../core/executions/execution.ts';
import { durationMs, type EpochMs } from '../core/ids.ts';
import type { EngineContext } from './context.ts';

/**
 * A flag set by an operator takes effect within this time and one batch. Each read is one
 * strongly consistent DynamoDB read (half a millisecond's worth of money and a few of time).
 */
const READ_EVERY_MS = durationMs(500);

/** Reads the execution's flags, remembering the answer for half a second. */
export function flagReader(context: EngineContext): () => Promise<ExecutionFlags> {
  let readAt: EpochMs | undefined;
  let flags: ExecutionFlags = { paused: false, abort: undefined };
  return async () => {
    const now = context.clock.now();
    if (readAt === undefined || now - readAt >= READ_EVERY_MS) {
      flags = await context.control.getFlags(context.executionId);
      readAt = now;
    }
    return flags;
  };
}

/** The same flags for work that can only go forward. */
export function withoutAbort(read: () => Promise<ExecutionFlags>): () => Promise<ExecutionFlags> {
  return async () => ({ ...(await read()), abort: undefined });
}

/** The words of whoever asked to abort, or undefined. */
export function abortReason(flags: ExecutionFlags): string | undefined {
  return flags.abort && `abort requested by ${flags.abort.by}: ${flags.abort.reason}`;
}
