import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { epochMs } from '../../../lib/core/ids.ts';
import type { Window } from '../../../lib/core/migration/migration.ts';
import { windowState } from '../../../lib/core/migration/window.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const at = (iso: string) => epochMs(Date.parse(iso));

/** `22:00` and so on, in Berlin unless said otherwise. */
function window(from: string, to: string, change: Partial<Window> = {}): Window {
  const minute = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return {
    fromMinute: minute(from),
    toMinute: minute(to),
    days: EVERY_DAY,
    timeZone: 'Europe/Berlin',
    ...change,
  };
}

function opening(windows: readonly Window[], now: string): string {
  const state = windowState(windows, at(now));
  return state.kind === 'open' ? 'open' : new Date(state.opensAt).toISOString();
}

describe('windowState', () => {
  it('is open at any time without windows', () => {
    expect(windowState([], at('2026-03-02T12:00:00Z'))).toEqual({ kind: 'open' });
  });

  it.each([
    ['before it opens', '2026-03-02T20:59:59Z', '2026-03-02T21:00:00.000Z'],
    ['when it opens', '2026-03-02T21:00:00Z', 'open'],
    ['past midnight', '2026-03-03T04:29:59Z', 'open'],
    ['when it closes', '2026-03-03T04:30:00Z', '2026-03-03T21:00:00.000Z'],
  ])('follows the clock of its time zone %s', (_when, now, expected) => {
    expect(opening([window('22:00', '05:30')], now)).toBe(expected);
  });

  it('counts the weekday on which it opens, also past midnight', () => {
    // GIVEN a window that opens on Sundays, and 2026-03-01, which is one
    const sunday = window('22:00', '05:30', { days: [7] });
    // THEN Monday's small hours belong to it and Sunday's do not
    expect(opening([sunday], '2026-03-01T03:00:00Z')).toBe('2026-03-01T21:00:00.000Z');
    expect(opening([sunday], '2026-03-02T03:00:00Z')).toBe('open');
    expect(opening([sunday], '2026-03-02T12:00:00Z')).toBe('2026-03-08T21:00:00.000Z');
  });

  it('opens with the first of several windows, each by its own clock', () => {
    const windows = [
      window('22:00', '23:00'),
      window('15:00', '16:00', { timeZone: 'Asia/Tokyo' }),
    ];
    expect(opening(windows, '2026-03-02T12:00:00Z')).toBe('2026-03-02T21:00:00.000Z');
    expect(opening(windows, '2026-03-02T23:00:00Z')).toBe('2026-03-03T06:00:00.000Z');
  });

  // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z. 2026-10-25: 03:00 becomes 02:00 at 01:00Z.
  it('opens an hour earlier in UTC once the clocks went forward', () => {
    expect(opening([window('22:00', '23:00')], '2026-03-28T23:00:00Z')).toBe(
      '2026-03-29T20:00:00.000Z',
    );
  });

  it('opens when the clocks jump into it', () => {
    expect(opening([window('02:30', '05:00')], '2026-03-29T00:00:00Z')).toBe(
      '2026-03-29T01:00:00.000Z',
    );
  });

  it('does not open on the day on which all of it is skipped', () => {
    expect(opening([window('02:15', '02:45')], '2026-03-29T00:00:00Z')).toBe(
      '2026-03-30T00:15:00.000Z',
    );
    expect(opening([window('02:15', '02:45', { days: [7] })], '2026-03-28T12:00:00Z')).toBe(
      '2026-04-05T00:15:00.000Z',
    );
  });

  it('opens twice in the hour that comes twice', () => {
    const night = [window('02:15', '02:45')];
    expect(opening(night, '2026-10-25T00:00:00Z')).toBe('2026-10-25T00:15:00.000Z');
    expect(opening(night, '2026-10-25T00:45:00Z')).toBe('2026-10-25T01:15:00.000Z');
    expect(opening(night, '2026-10-25T01:45:00Z')).toBe('2026-10-26T01:15:00.000Z');
  });

  const anyWindow = fc
    .record({
      fromMinute: fc.integer({ min: 0, max: 1439 }),
      length: fc.integer({ min: 1, max: 1439 }),
      days: fc.subarray(EVERY_DAY, { minLength: 1 }),
      timeZone: fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'America/New_York',
        'America/St_Johns',
        'Asia/Kathmandu',
        'Australia/Lord_Howe',
        'Africa/Casablanca',
        'Pacific/Apia',
      ),
    })
    .map(
      ({ length, ...rest }): Window => ({ ...rest, toMinute: (rest.fromMinute + length) % 1440 }),
    );
  const anyInstant = fc
    .integer({ min: Date.parse('2005-01-01T00:00:00Z'), max: Date.parse('2035-01-01T00:00:00Z') })
    .map(epochMs);

  it('opens at the moment it names and not a minute earlier', () => {
    fc.assert(
      fc.property(
        fc.array(anyWindow, { minLength: 1, maxLength: 3 }),
        anyInstant,
        (windows, now) => {
          // GIVEN
          const state = windowState(windows, now);
          if (state.kind === 'open') return;
          // THEN
          expect(state.opensAt).toBeGreaterThan(now);
          expect(windowState(windows, state.opensAt)).toEqual({ kind: 'open' });
          const justBefore = epochMs(Math.max(now, state.opensAt - 60_000));
          expect(windowState(windows, justBefore)).toEqual(state);
        },
      ),
    );
  });

  it('never names a moment after one at which it is open', () => {
    fc.assert(
      fc.property(
        anyWindow,
        anyInstant,
        fc.integer({ min: 1, max: 14 * 24 * 60 }),
        (window, now, minutes) => {
          // GIVEN any later moment at which the window is open
          const later = epochMs(now + minutes * 60_000);
          const state = windowState([window], now);
          if (state.kind === 'open' || windowState([window], later).kind === 'closed') return;
          // THEN the promised opening is not after it
          expect(state.opensAt).toBeLessThanOrEqual(later);
        },
      ),
      { numRuns: 500 },
    );
  });
});
