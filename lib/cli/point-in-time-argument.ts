import { InvalidArgumentError } from 'commander';
import { type EpochMs, epochMs } from '../core/ids.ts';

/** A time to go back to; `at` undefined: the latest that is restorable. */
export interface PointInTime {
  readonly at: EpochMs | undefined;
}

/** A time without a zone would mean another time on another machine. */
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Reads `latest`, or an ISO 8601 time with its zone. */
export function pointInTimeArgument(text: string): PointInTime {
  if (text === 'latest') return { at: undefined };
  const at = ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return { at: epochMs(at) };
  throw new InvalidArgumentError('write latest, or a time with its zone: 2026-11-22T17:00:00Z');
}
