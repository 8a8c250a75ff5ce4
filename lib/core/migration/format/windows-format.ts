import { z } from 'zod';
import type { Window } from '../migration.ts';
import { listOf, part, textLike, word } from './vocabulary.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const TimeOfDay = textLike(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, "a time of day, such as '22:00'");

const TimeZone = z
  .string({ error: 'an IANA time zone, such as Europe/Berlin' })
  .refine(isTimeZone, { error: 'an IANA time zone, such as Europe/Berlin' })
  .meta({ examples: ['Europe/Berlin', 'UTC'] });

/** Low-traffic hours on some weekdays. */
export const WindowFormat = part('a mapping with from, to, days and time_zone', {
  from: TimeOfDay.describe('When it opens, local time.'),
  to: TimeOfDay.describe('When it closes; earlier than `from` means on the next day.'),
  days: listOf('a list of weekdays, such as [mon, tue]', word(WEEKDAYS), 1)
    .default([...WEEKDAYS])
    .describe('Weekdays on which it opens. @default every day'),
  time_zone: TimeZone.default('UTC').describe('Whose clock, as an IANA name. @default UTC'),
})
  .refine((window) => window.from !== window.to, {
    path: ['to'],
    error: 'another time than `from`; a phase without windows runs at any time',
  })
  .transform(
    (window): Window => ({
      fromMinute: minuteOfDay(window.from),
      toMinute: minuteOfDay(window.to),
      days: [...new Set(window.days.map((day) => WEEKDAYS.indexOf(day) + 1))].sort(),
      timeZone: window.time_zone,
    }),
  )
  .meta({ id: 'window', description: 'Low-traffic hours.' });

const PhaseWindows = listOf('a list of windows', WindowFormat, 1).exactOptional();

/** Windows for each phase. */
export const WindowsFormat = part('a mapping from phases to lists of windows', {
  expand: PhaseWindows,
  backfill: PhaseWindows,
  validate: PhaseWindows,
  contract: PhaseWindows,
  finalize: PhaseWindows,
}).meta({
  id: 'windows',
  description: 'When each phase may run. @default - at any time',
});

function minuteOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function isTimeZone(name: string): boolean {
  // Offsets such as +02:00 are accepted by Intl, but they do not know daylight saving time.
  if (!/^[A-Z]/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
