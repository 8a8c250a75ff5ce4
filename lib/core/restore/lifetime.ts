import { type EpochMs, epochMs } from '../ids.ts';

/**
 * When a restored cluster may be removed, as ISO 8601 in UTC. Whoever wants to keep it longer gives
 * the tag another value, or protects the cluster.
 */
export const EXPIRES = 'lockkeeper:expires';

/** A week: long enough to find out what happened, and not so long that the bill tells of it first. */
const LIFETIME_MS = 7 * 24 * 3_600_000;

export function expiryOf(orderedAt: EpochMs): string {
  return new Date(orderedAt + LIFETIME_MS).toISOString();
}

/** Undefined for a value that is no time: whoever wrote it meant something, so nothing expires. */
export function parseExpiry(value: string | undefined): EpochMs | undefined {
  const time = Date.parse(value ?? '');
  return Number.isNaN(time) ? undefined : epochMs(time);
}
