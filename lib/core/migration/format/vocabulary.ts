import bytes from 'bytes';
import ms from 'ms';
import { z } from 'zod';
import { type DurationMs, durationMs } from '../../ids.ts';

/*
 * The words of both file formats. Convention: the error text of a schema says what it expects
 * ("a short text for people"), because a problem's message is made from the value found and its
 * `expected` from this text. Descriptions appear in editors through the JSON Schema.
 */

/** What a custom check knows about a bad value, beyond what it expected. */
export interface Guidance {
  readonly rule: string;
  readonly fix?: string;
}

/** A text with at least one visible character. */
export function text(expected: string) {
  return z.string({ error: expected }).regex(/\S/, { error: expected });
}

/** A text of a certain form. */
export function textLike(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

/** One of a few words. */
export function word<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: orList(words) });
}

/** A whole number between two limits, both included. */
export function count(expected: string, min: number, max: number) {
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** A yes or no. */
export function flag() {
  return z.boolean({ error: 'true or false' });
}

/** A mapping with exactly these keys; a key nobody knows is a problem. */
export function part<Shape extends z.core.$ZodLooseShape>(expected: string, shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? knownKeysText(Object.keys(shape)) : expected,
  });
}

/** A list; `min` items at least. */
export function listOf<Item extends z.ZodType>(expected: string, item: Item, min = 0) {
  const list = z.array(item, { error: expected });
  return min === 0 ? list : list.min(min, { error: expected });
}

const KNOWN_KEYS = 'one of ';

function knownKeysText(keys: readonly string[]): string {
  return `${KNOWN_KEYS}${keys.join(', ')}`;
}

/** The keys that a `part` said it knows. */
export function knownKeysIn(expected: string): readonly string[] {
  return expected.slice(KNOWN_KEYS.length).split(', ');
}

/** `a, b or c` */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

const DURATION_PATTERN = /^[0-9]+(?:\.[0-9]+)? ?(?:ms|s|m|h|d|w)$/;
const DURATION_EXPECTED =
  'a length of time with its unit (ms, s, m, h, d or w), such as 100ms or 4h';
/** 365 days: a Step Functions standard workflow may run one year, so nothing may wait longer. */
const DURATION_MAX_MS = 365 * 24 * 60 * 60 * 1000;

/** A length of time such as `90s`, `4h` or `7d`, in milliseconds after parsing. */
export function duration() {
  return z
    .unknown()
    .transform((found, context): DurationMs => {
      const valid = typeof found === 'string' && DURATION_PATTERN.test(found);
      const value = valid ? ms(found as ms.StringValue) : Number.NaN;
      if (value <= DURATION_MAX_MS) return durationMs(Math.round(value));
      context.addIssue({
        code: 'custom',
        message: valid ? 'at most 365d, as long as a workflow may run' : DURATION_EXPECTED,
        params: { rule: 'duration', ...durationFix(found) } satisfies Guidance,
      });
      return z.NEVER;
    })
    .meta({
      type: 'string',
      pattern: DURATION_PATTERN.source,
      examples: ['100ms', '90s', '4h', '7d'],
    });
}

function durationFix(found: unknown): { readonly fix?: string } {
  if (typeof found !== 'number' || !(found >= 0)) return {};
  return { fix: `write the unit: ${found}ms, ${found}s, ${found}m, ${found}h or ${found}d` };
}

const SIZE_PATTERN = /^[0-9]+(?:\.[0-9]+)? ?(?:kB|MB|GB)$/;
const SIZE_EXPECTED = 'a size with its unit (kB, MB or GB), such as 16MB';

/** A size such as `512kB` or `16MB`, in bytes after parsing; 1 kB is 1,024, as PostgreSQL counts. */
export function size(min: string, max: string) {
  const [least, most] = [bytes.parse(min) ?? 0, bytes.parse(max) ?? 0];
  return z
    .unknown()
    .transform((found, context): number => {
      const valid = typeof found === 'string' && SIZE_PATTERN.test(found);
      const value = valid ? (bytes.parse(found) ?? Number.NaN) : Number.NaN;
      if (value >= least && value <= most) return Math.round(value);
      const fix = typeof found === 'number' ? { fix: `write the unit: ${found}MB` } : {};
      context.addIssue({
        code: 'custom',
        message: valid ? `${min} to ${max}` : SIZE_EXPECTED,
        params: { rule: 'size', ...fix } satisfies Guidance,
      });
      return z.NEVER;
    })
    .meta({ type: 'string', pattern: SIZE_PATTERN.source, examples: ['512kB', '16MB'] });
}
