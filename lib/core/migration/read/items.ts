import type { ValuePath } from '../source/yaml-document.ts';
import type { Reading } from './reading.ts';

/** One entry of a list of the file, not trusted yet. */
export interface Item {
  readonly path: ValuePath;
  readonly value: unknown;
}

/** The items of a list, whatever they are; none when it is not a list. */
export function itemsOf({ document }: Reading, list: string): readonly Item[] {
  const root = document.value;
  const value = isMapping(root) ? root[list] : undefined;
  return Array.isArray(value)
    ? value.map((item: unknown, index) => ({ path: [list, index], value: item }))
    : [];
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
