import { statementTimeout } from './errors.ts';
import type { Session } from './sessions.ts';

/** How a limited piece of work ended. */
export type Limited<T> =
  | { readonly kind: 'finished'; readonly value: T }
  /** The caller was told of a timeout; `afterwards` settles when the server has really finished. */
  | { readonly kind: 'continues'; readonly afterwards: Promise<unknown> };

/**
 * Runs statements under the Data API's time limit. Without `continueAfterTimeout` the backend is
 * cancelled and waited for, so that nothing is applied when the caller hears of the timeout.
 * @throws AwsError `StatementTimeoutException` when the work was cancelled, or what the work throws
 */
export async function underTimeLimit<T>(
  session: Session,
  limitMs: number,
  continueAfterTimeout: boolean,
  work: Promise<T>,
): Promise<Limited<T>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timed-out'>((resolve) => {
    timer = setTimeout(resolve, limitMs, 'timed-out');
  });
  try {
    const first = await Promise.race([work.then((value) => ({ value })), timeout]);
    if (first !== 'timed-out') return { kind: 'finished', value: first.value };
  } finally {
    clearTimeout(timer);
  }
  if (continueAfterTimeout) return { kind: 'continues', afterwards: work.catch(() => undefined) };
  await session.cancel();
  // A statement that slipped through just before the cancel counts as done.
  const value = await work.catch((error: { code?: string }) => {
    throw error.code === '57014' ? statementTimeout(session.backendPid) : error;
  });
  return { kind: 'finished', value };
}
