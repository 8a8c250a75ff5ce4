import { LockkeeperError } from '../errors.ts';
import { type EpochMs, epochMs } from '../ids.ts';
import {
  type LocalTime,
  localTimeAt,
  MINUTE_MS,
  MINUTES_PER_DAY,
  offsetMinutesAt,
} from './local-time.ts';
import type { Window } from './migration.ts';

/** Whether a phase with these windows may run now, and if not, from when on. */
export type WindowState =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly opensAt: EpochMs };

const DAY_MS = MINUTES_PER_DAY * MINUTE_MS;
/**
 * Every weekday comes within 7 days. A window that lies wholly in the hour that is skipped in
 * spring does not open on that day but a week later: 14 days, and one for the time zone.
 */
const HORIZON_DAYS = 15;

/**
 * Windows follow the wall clock of their time zone: one is open while the clock there shows a
 * time in it. In the hour that comes twice in autumn it is open twice.
 *
 * @param windows none means: at any time
 */
export function windowState(windows: readonly Window[], now: EpochMs): WindowState {
  if (windows.length === 0 || windows.some((window) => isOpen(window, now))) {
    return { kind: 'open' };
  }
  const openings = windows.map((window) => nextOpening(window, now));
  return { kind: 'closed', opensAt: epochMs(Math.min(...openings)) };
}

function isOpen(window: Window, at: EpochMs): boolean {
  return includes(window, localTimeAt(window.timeZone, at));
}

function includes({ fromMinute, toMinute, days }: Window, { minute, weekday }: LocalTime): boolean {
  if (fromMinute < toMinute) {
    return days.includes(weekday) && minute >= fromMinute && minute < toMinute;
  }
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return minute >= fromMinute
    ? days.includes(weekday)
    : minute < toMinute && days.includes(yesterday);
}

/** The first instant after `now` at which the window is open; `now` is not in it. */
function nextOpening(window: Window, now: EpochMs): EpochMs {
  for (let day = 0; day < HORIZON_DAYS; day++) {
    const from = epochMs(now + day * DAY_MS);
    const candidates = [
      ...openingsByClock(window, from),
      ...clockChanges(window.timeZone, from, epochMs(from + DAY_MS)),
    ];
    const openings = candidates.filter((at) => at > now && isOpen(window, at));
    if (openings.length > 0) return epochMs(Math.min(...openings));
  }
  throw new LockkeeperError('Internal', `no opening of a window within ${HORIZON_DAYS} days`, {
    facts: { timeZone: window.timeZone, fromMinute: window.fromMinute, toMinute: window.toMinute },
  });
}

/**
 * Instants in the 24 hours from `from` at which the clock shows the opening time, by each of the
 * offsets from UTC that are in force at the two ends.
 */
function openingsByClock({ timeZone, fromMinute }: Window, from: EpochMs): readonly EpochMs[] {
  const offsets = new Set([
    offsetMinutesAt(timeZone, from),
    offsetMinutesAt(timeZone, epochMs(from + DAY_MS)),
  ]);
  return [...offsets].flatMap((offset) => {
    const localMs = from + offset * MINUTE_MS;
    const sinceMidnight = ((localMs % DAY_MS) + DAY_MS) % DAY_MS;
    const untilOpening = fromMinute * MINUTE_MS - sinceMidnight;
    return [epochMs(from + untilOpening), epochMs(from + untilOpening + DAY_MS)].filter(
      (at) => offsetMinutesAt(timeZone, at) === offset,
    );
  });
}

/** When the clocks change between two instants a day apart: they may jump into a window. */
function clockChanges(timeZone: string, from: EpochMs, to: EpochMs): readonly EpochMs[] {
  const before = offsetMinutesAt(timeZone, from);
  if (before === offsetMinutesAt(timeZone, to)) return [];
  let low = Math.floor(from / MINUTE_MS);
  let high = Math.ceil(to / MINUTE_MS);
  // Clocks change at whole minutes, and never twice within a day.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMinutesAt(timeZone, epochMs(middle * MINUTE_MS)) === before) low = middle;
    else high = middle;
  }
  return [epochMs(high * MINUTE_MS)];
}
