import type { z } from 'zod';
import { type Guidance, knownKeysIn, orList } from '../format/vocabulary.ts';
import type { SourceLocation } from '../migration.ts';
import type { Problem } from '../problem.ts';
import { nearest } from './nearest.ts';
import { frameAt } from './source-text.ts';
import type { ValuePath, YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;

/** What a schema found wrong, as problems at the place in the file where each was written. */
export function shapeProblems(document: YamlDocument, error: z.ZodError): readonly Problem[] {
  return error.issues.flatMap((issue) => issueProblems(document, issue, []));
}

function issueProblems(
  document: YamlDocument,
  issue: Issue,
  parent: ValuePath,
): readonly Problem[] {
  const path: ValuePath = [...parent, ...issue.path.map(toKey)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(document, [...path, key], issue.message));
    case 'invalid_union': {
      const branch = closestBranch(issue.errors, valueAt(document.value, path));
      return branch === undefined
        ? [badValue(document, path, issue)]
        : branch.flatMap((inner) => issueProblems(document, inner, path));
    }
    case 'invalid_key':
      return [badKey(document, path, issue.issues[0]?.message ?? issue.message)];
    default:
      return [badValue(document, path, issue)];
  }
}

/**
 * The alternative that the author most probably meant: of those that got past the value's own
 * type, the one with the fewest mistakes.
 */
function closestBranch(
  branches: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entered = branches.filter((issues) => issues.every(isInside));
  return entered.toSorted((left, right) => left.length - right.length)[0];
}

function isInside(issue: Issue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys';
}

function unknownKey(document: YamlDocument, path: ValuePath, expected: string): Problem {
  const key = String(path.at(-1));
  const meant = nearest(key, knownKeysIn(expected));
  return located(document, document.locationOfKey(path), {
    rule: 'unknown-key',
    message: `unknown key ${key}${inside(path)}`,
    expected,
    ...(meant !== undefined && { fix: `write ${meant}` }),
  });
}

function badKey(document: YamlDocument, path: ValuePath, expected: string): Problem {
  return located(document, document.locationOfKey(path), {
    rule: 'wrong-key',
    message: `${String(path.at(-1))} is not a name that can be used here`,
    expected,
  });
}

function badValue(document: YamlDocument, path: ValuePath, issue: Issue): Problem {
  const value = valueAt(document.value, path);
  const expected = expectedBy(issue);
  if (value === undefined && path.length > 0) {
    return located(document, document.locationOf(path), {
      rule: 'missing-key',
      message: `${String(path.at(-1))} is missing${inside(path)}`,
      expected,
    });
  }
  const guidance = issue.code === 'custom' ? (issue.params as Guidance | undefined) : undefined;
  const meant = suggestionFor(issue, value);
  return located(document, document.locationOf(path), {
    rule: guidance?.rule ?? (issue.code === 'invalid_type' ? 'wrong-type' : 'wrong-value'),
    message: `${showPath(path)} is ${showValue(value)}`,
    expected,
    ...((guidance?.fix ?? meant) !== undefined && { fix: guidance?.fix ?? `write ${meant}` }),
  });
}

function expectedBy(issue: Issue): string {
  const several = issue.code === 'invalid_value' && issue.values.length > 1;
  return several ? orList(issue.values.map(String)) : issue.message;
}

function suggestionFor(issue: Issue, value: unknown): string | undefined {
  return typeof value === 'string' ? nearest(value, wordsOf(issue)) : undefined;
}

/** The words that would have been accepted, also by one of several alternatives. */
function wordsOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  const kinds = 'options' in issue ? (issue.options as readonly unknown[]).map(String) : [];
  const alternatives = issue.errors.flat().filter((inner) => inner.path.length === 0);
  return [...kinds, ...alternatives.flatMap(wordsOf)];
}

function located(
  document: YamlDocument,
  location: SourceLocation,
  problem: Omit<Problem, 'location' | 'frame'>,
): Problem {
  return { ...problem, location, frame: frameAt(document, location) };
}

function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  );
}

/** `expand[0].sql`; the whole file has no path. */
export function showPath(path: ValuePath): string {
  const shown = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return shown === '' ? 'the file' : shown.replace(/^\./, '');
}

function inside(path: ValuePath): string {
  return path.length > 1 ? ` in ${showPath(path.slice(0, -1))}` : '';
}

/** Longer values are cut: the frame shows them anyway. */
const SHOWN_VALUE_LENGTH = 60;

function showValue(value: unknown): string {
  if (value === undefined || value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') {
    return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  }
  const text = String(value);
  const shown = text.length > SHOWN_VALUE_LENGTH ? `${text.slice(0, SHOWN_VALUE_LENGTH)}...` : text;
  return typeof value === 'string' ? `"${shown}"` : `${shown}, a ${typeof value}`;
}

function toKey(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key);
}
