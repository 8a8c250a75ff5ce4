import { StateError } from './state-error.ts';
import type { Json } from './states-language.ts';

const SEGMENT = /\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]/y;

/** The keys and indexes of a reference path such as `$.a.b[0]['c d']`; `$` has none. */
function segments(path: string): readonly (string | number)[] {
  const found: (string | number)[] = [];
  SEGMENT.lastIndex = 1;
  while (SEGMENT.lastIndex < path.length) {
    const match = SEGMENT.exec(path);
    if (match === null) {
      throw new StateError('States.ResultPathMatchFailure', `'${path}' is not a reference path`);
    }
    const index = match[2];
    found.push(index === undefined ? (match[1] ?? match[3] ?? match[4] ?? '') : Number(index));
  }
  return found;
}

/**
 * Puts `result` at `path` into `input` (`ResultPath`): absent or `$` replaces the input, `null` keeps it, and missing
 * objects on the way are created. The input itself is not changed.
 *
 * @throws StateError `States.ResultPathMatchFailure` when the path goes through something that cannot hold it
 */
export function applyResultPath(path: string | null | undefined, input: Json, result: Json): Json {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  return place(input, segments(path), result, path);
}

function place(
  target: Json | undefined,
  path: readonly (string | number)[],
  value: Json,
  whole: string,
): Json {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (typeof head === 'number') {
    if (Array.isArray(target) && head < target.length) {
      const copy: Json[] = [...target];
      copy[head] = place(copy[head], rest, value, whole);
      return copy;
    }
  } else if (target === undefined || isObject(target)) {
    return { ...target, [head]: place(target?.[head], rest, value, whole) };
  }
  throw new StateError(
    'States.ResultPathMatchFailure',
    `Unable to apply step "${head}" of ResultPath '${whole}' to input ${JSON.stringify(target)}`,
  );
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
