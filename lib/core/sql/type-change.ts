import { isBuiltIn, type PgType } from './pg-type.ts';

/** What ALTER COLUMN TYPE depends on besides the two types. */
export interface TypeChangeContext {
  readonly timeZoneUtc: boolean | undefined;
}

/**
 * Whether the stored bytes of one type are valid as the other, so that PostgreSQL changes the
 * catalog only. These are the pairs that ATColumnChangeRequiresRewrite lets pass: binary coercible
 * casts, wider type modifiers, and timestamp to timestamptz where the session's zone is UTC.
 */
export function needsRewrite(
  from: PgType,
  to: PgType,
  { timeZoneUtc }: TypeChangeContext,
): 'no' | 'yes' | 'unknown' {
  if (!isBuiltIn(from.name) || !isBuiltIn(to.name)) {
    return JSON.stringify(from) === JSON.stringify(to) ? 'no' : 'unknown';
  }
  if (from.array || to.array) return arrayChange(from, to);
  if (isZoneChange(from, to)) {
    if (!widens(TIME, from, to)) return 'yes';
    return timeZoneUtc === undefined ? 'unknown' : timeZoneUtc ? 'no' : 'yes';
  }
  const family = FAMILIES.find(({ names }) => names.has(to.name.name));
  const coercible =
    from.name.name === to.name.name ||
    (BINARY_COERCIBLE.get(from.name.name) ?? []).includes(to.name.name);
  if (!coercible) return 'yes';
  return widens(family, from, to) ? 'no' : 'yes';
}

/** Casts without a function (pg_cast.castmethod = 'b') between types that columns have. */
const BINARY_COERCIBLE: ReadonlyMap<string, readonly string[]> = new Map([
  ['varchar', ['text']],
  ['text', ['varchar']],
  ['xml', ['text', 'varchar']],
  ['cidr', ['inet']],
  ['int4', ['oid', 'regclass', 'regproc', 'regtype', 'regrole', 'regnamespace']],
  ['oid', ['int4', 'regclass', 'regproc', 'regtype', 'regrole', 'regnamespace']],
  ['regclass', ['oid', 'int4']],
  ['bit', ['varbit']],
  ['varbit', ['bit']],
]);

interface Family {
  readonly names: ReadonlySet<string>;
  /** Whether every value that fits the old modifiers fits the new ones unchanged. */
  readonly fits: (from: readonly number[], to: readonly number[]) => boolean;
}

/** A missing length or precision is the largest. */
const atLeast = (from: readonly number[], to: readonly number[]) =>
  (to[0] ?? Number.POSITIVE_INFINITY) >= (from[0] ?? Number.POSITIVE_INFINITY);

const TIME: Family = {
  names: new Set(['time', 'timetz', 'timestamp', 'timestamptz']),
  // Six digits are all that is stored.
  fits: ([from = 6], [to = 6]) => to >= from,
};

const FAMILIES: readonly Family[] = [
  TIME,
  { names: new Set(['varchar', 'varbit']), fits: atLeast },
  {
    names: new Set(['numeric']),
    fits: (from, to) => {
      if (to.length === 0) return true;
      return from.length > 0 && atLeast(from, to) && (from[1] ?? 0) === (to[1] ?? 0);
    },
  },
];

function widens(family: Family | undefined, from: PgType, to: PgType): boolean {
  const same = JSON.stringify(from.modifiers) === JSON.stringify(to.modifiers);
  return same || (family?.fits(from.modifiers, to.modifiers) ?? to.modifiers.length === 0);
}

function isZoneChange(from: PgType, to: PgType): boolean {
  const names = [from.name.name, to.name.name].toSorted();
  return names[0] === 'timestamp' && names[1] === 'timestamptz';
}

/** Element-wise coercions are functions to the server, unless nothing changes at all. */
function arrayChange(from: PgType, to: PgType): 'no' | 'yes' {
  return JSON.stringify(from) === JSON.stringify(to) ? 'no' : 'yes';
}
