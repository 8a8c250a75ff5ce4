import type { EpochMs } from '../ids.ts';

export const MINUTE_MS = 60_000;
export const MINUTES_PER_DAY = 24 * 60;
const DAY_MS = MINUTES_PER_DAY * MINUTE_MS;

/** What clock and calendar on a wall show. */
export interface LocalTime {
  /** Minutes after midnight, 0 to 1439. */
  readonly minute: number;
  /** ISO weekday, 1 (Monday) to 7. */
  readonly weekday: number;
}

/** @param timeZone IANA name, checked before */
export function localTimeAt(timeZone: string, at: EpochMs): LocalTime {
  const local = localMsAt(timeZone, at);
  const day = Math.floor(local / DAY_MS);
  // 1970-01-01 was a Thursday, ISO weekday 4.
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
  return { minute: Math.floor((local - day * DAY_MS) / MINUTE_MS), weekday };
}

/** How far the clock there is ahead of UTC. */
export function offsetMinutesAt(timeZone: string, at: EpochMs): number {
  return Math.round((localMsAt(timeZone, at) - at) / MINUTE_MS);
}

/** What the clock there shows, as if it were UTC. */
function localMsAt(timeZone: string, at: EpochMs): number {
  const parts = new Map(
    formatFor(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
}

/** Making a format takes much longer than using it; there are few time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}
