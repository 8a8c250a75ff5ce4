import type { PgType } from '../sql/pg-type.ts';

/** Each holds all values of those before it. */
const LADDERS: readonly (readonly string[])[] = [
  ['int2', 'int4', 'int8', 'numeric'],
  ['float4', 'float8'],
  ['date', 'timestamp'],
  ['varchar', 'text'],
  ['json', 'text'],
];

/** Digits behind the point, characters, or fractions of a second: what a type keeps at most. */
const WITH_LENGTH: ReadonlySet<string> = new Set(['varchar', 'bpchar', 'bit', 'varbit']);
const WITH_PRECISION: ReadonlySet<string> = new Set(['time', 'timetz', 'timestamp', 'timestamptz']);

/** True when there are values of the one type that the other cannot hold; false where it is not known. */
export function isNarrower(from: PgType, to: PgType): boolean {
  const [old, next] = [from.name.name, to.name.name];
  if (from.name.schema !== undefined || to.name.schema !== undefined) return false;
  if (old === next) return shorter(old, from.modifiers, to.modifiers);
  if (old === 'text' && to.modifiers.length > 0) return true;
  return LADDERS.some((ladder) => {
    const [before, after] = [ladder.indexOf(old), ladder.indexOf(next)];
    if (before < 0 || after < 0) return false;
    // text to varchar without a length keeps everything.
    return after < before && !(next === 'varchar' && to.modifiers.length === 0);
  });
}

function shorter(type: string, from: readonly number[], to: readonly number[]): boolean {
  const most = Number.POSITIVE_INFINITY;
  if (WITH_LENGTH.has(type)) return (to[0] ?? most) < (from[0] ?? most);
  if (WITH_PRECISION.has(type)) return (to[0] ?? 6) < (from[0] ?? 6);
  if (type !== 'numeric' || to.length === 0) return false;
  if (from.length === 0) return true;
  const [oldScale, newScale] = [from[1] ?? 0, to[1] ?? 0];
  const digitsBefore = (from[0] ?? 0) - oldScale;
  return newScale < oldScale || (to[0] ?? 0) - newScale < digitsBefore;
}
