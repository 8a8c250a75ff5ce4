import { isPatternValue, matchesValue, type PatternValue } from './event-matchers.ts';

/**
 * What a rule matches on: every field must match; a list is a choice of alternatives; `$or` is a
 * choice of patterns beside the other fields.
 */
export interface EventPattern {
  readonly [field: string]: readonly PatternValue[] | EventPattern | readonly EventPattern[];
}

/** The pattern uses a matcher that the embedded bus does not have; matching it laxly would hide a broken rule. */
export class UnsupportedPatternError extends Error {
  readonly field: string;

  constructor(field: string, found: unknown) {
    super(
      `pattern field '${field}' holds ${JSON.stringify(found)}, the embedded bus knows lists of literals, prefix, suffix, wildcard, exists and anything-but`,
    );
    this.name = 'UnsupportedPatternError';
    this.field = field;
  }
}

/**
 * Checks a pattern once, before it is used.
 * @throws UnsupportedPatternError
 */
export function checkPattern(pattern: unknown, path = ''): asserts pattern is EventPattern {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new UnsupportedPatternError(path, pattern);
  }
  for (const [key, expected] of Object.entries(pattern)) {
    const field = path === '' ? key : `${path}.${key}`;
    if (!Array.isArray(expected)) {
      checkPattern(expected, field);
      continue;
    }
    if (expected.length === 0) throw new UnsupportedPatternError(field, expected);
    for (const alternative of expected) {
      if (key === '$or') checkPattern(alternative, field);
      else if (!isPatternValue(alternative)) throw new UnsupportedPatternError(field, alternative);
    }
  }
}

/** Whether `event` matches; where the event holds a list, one element is enough, as on AWS. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  const fields = (typeof event === 'object' && event !== null ? event : {}) as Readonly<
    Record<string, unknown>
  >;
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or') {
      return (expected as readonly EventPattern[]).some((one) => matchesPattern(one, event));
    }
    const actual = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!isList(expected)) return matchesPattern(expected, actual);
    const values = actual === undefined ? [] : Array.isArray(actual) ? actual : [actual];
    return (expected as readonly PatternValue[]).some((value) => matchesValue(value, values));
  });
}

function isList(
  expected: EventPattern[string],
): expected is readonly PatternValue[] | readonly EventPattern[] {
  return Array.isArray(expected);
}
