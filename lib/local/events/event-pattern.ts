/** One alternative of a field: a literal, or `{prefix}`. */
export type PatternValue = string | number | boolean | null | { readonly prefix: string };

/** What a rule matches on: every field must match, a list is a choice of alternatives. */
export interface EventPattern {
  readonly [field: string]: readonly PatternValue[] | EventPattern;
}

/** The pattern uses a matcher that the embedded bus does not have; matching it laxly would hide a broken rule. */
export class UnsupportedPatternError extends Error {
  readonly field: string;

  constructor(field: string, found: unknown) {
    super(
      `pattern field '${field}' holds ${JSON.stringify(found)}, the embedded bus knows literals and {"prefix": text} in lists`,
    );
    this.name = 'UnsupportedPatternError';
    this.field = field;
  }
}

/** Checks a pattern once, before it is used; throws `UnsupportedPatternError`. */
export function checkPattern(pattern: EventPattern, path = ''): void {
  for (const [key, expected] of Object.entries(pattern)) {
    const field = path === '' ? key : `${path}.${key}`;
    if (!isList(expected)) {
      if (typeof expected !== 'object' || expected === null) {
        throw new UnsupportedPatternError(field, expected);
      }
      checkPattern(expected, field);
      continue;
    }
    if (expected.length === 0) throw new UnsupportedPatternError(field, expected);
    for (const value of expected)
      if (!isSupported(value)) throw new UnsupportedPatternError(field, value);
  }
}

/** Whether `event` matches; where the event holds a list, one element is enough, as on AWS. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  if (typeof event !== 'object' || event === null) return false;
  const fields = event as Record<string, unknown>;
  return Object.entries(pattern).every(([key, expected]) => {
    const actual = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!isList(expected)) return matchesPattern(expected, actual);
    const candidates = Array.isArray(actual) ? actual : [actual];
    return candidates.some((candidate) => expected.some((value) => matchesValue(value, candidate)));
  });
}

function matchesValue(expected: PatternValue, actual: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return expected === actual;
  return typeof actual === 'string' && actual.startsWith(expected.prefix);
}

function isSupported(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const keys = Object.keys(value);
  return keys.length === 1 && typeof (value as { prefix?: unknown }).prefix === 'string';
}

function isList(expected: EventPattern[string] | undefined): expected is readonly PatternValue[] {
  return Array.isArray(expected);
}
