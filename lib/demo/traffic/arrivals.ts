import { setTimeout as sleep } from 'node:timers/promises';

/** Requests that become due at a steady rate, whether or not earlier ones have been answered. */
export interface Arrivals {
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Due requests are handed out in ticks of this length: shorter than a response takes. */
const TICK_MS = 2;

/**
 * An open loop: users do not wait for each other. A closed loop would send less while the database
 * is blocked, and so hide exactly the waits that we want to see.
 *
 * @param now milliseconds of a clock that never goes back
 * @param onDue receives when the request was due on that clock
 */
export function startArrivals(
  ratePerSecond: number,
  now: () => number,
  onDue: (dueAt: number) => void,
): Arrivals {
  const intervalMs = 1000 / ratePerSecond;
  let next = now();
  let state = 'running' as 'running' | 'paused' | 'stopped';
  const loop = (async () => {
    while (state !== 'stopped') {
      for (; state === 'running' && next <= now(); next += intervalMs) onDue(next);
      await sleep(TICK_MS);
    }
  })();
  return {
    pause: () => {
      if (state === 'running') state = 'paused';
    },
    resume: () => {
      if (state !== 'paused') return;
      next = now();
      state = 'running';
    },
    stop: async () => {
      state = 'stopped';
      await loop;
    },
  };
}
