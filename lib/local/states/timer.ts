/** Node fires a timer above 2^31 - 1 ms (24.8 days) at once, and gates may stay open for longer than that. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Resolves `true` after `delayMs`, or `false` as soon as `signal` is aborted. Delays of any length are exact.
 */
export async function elapse(delayMs: number, signal: AbortSignal): Promise<boolean> {
  for (let left = Math.max(0, delayMs); ; left -= LONGEST_TIMER_MS) {
    const completed = await once(Math.min(left, LONGEST_TIMER_MS), signal);
    if (!completed || left <= LONGEST_TIMER_MS) return completed;
  }
}

function once(delayMs: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  if (signal.aborted) {
    resolve(false);
    return promise;
  }
  const stop = () => {
    clearTimeout(timer);
    resolve(false);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', stop);
    resolve(true);
  }, delayMs);
  signal.addEventListener('abort', stop, { once: true });
  return promise;
}
