import { setTimeout as sleep } from 'node:timers/promises';
import { epochMs } from '../core/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** The machine's own time and chance. */
export const systemClock: Clock = {
  now: () => epochMs(Date.now()),
  sleep: async (duration) => {
    await sleep(duration);
  },
  random: Math.random,
};
