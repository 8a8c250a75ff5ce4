import { type KeyValue, sameKey } from './key.ts';
import type { Stride } from './range.ts';
import { shareOf } from './shares.ts';

/** A stretch of keys that is gone through `modulus` times, a share of its rows each time. */
export interface Window extends Pick<Stride, 'modulus' | 'by' | 'shares'> {
  readonly after: KeyValue | undefined;
  readonly through: KeyValue;
  /** Keys in stride 0, as it was meant when the window was opened; while it is, so far. */
  readonly rowsPerStride: number;
  /** Its end was found in stride 0 while a row was closed in on: others may have one key more or less. @default false */
  readonly uneven?: boolean;
}

/** A stride of a window. */
export function strideAt({ modulus, by, shares }: Window, index: number): Stride {
  return { modulus, index, by, ...(shares && { shares }) };
}

/** Keys in a stride of a window, as it was meant. */
export function rowsAt(window: Window, index: number): number {
  return Math.round(
    (window.rowsPerStride * shareOf({ ...window, index })) / shareOf({ ...window, index: 0 }),
  );
}

/** Where a walk stands. All before it is moved, nothing after it is. */
export type Position =
  /** Between two windows: everything up to `after` is moved. */
  | { readonly kind: 'between'; readonly after: KeyValue | undefined }
  /**
   * A window that is growing: of all in it stride 0 is moved. The first visit of a page finds it full,
   * so that its rows go elsewhere, into every index: it takes about three times as long as a later
   * one. So it is made in parts, and each batch is as long as one should be.
   */
  | { readonly kind: 'opening'; readonly window: Window }
  /** In a window: strides below `index` are moved, and of stride `index` all up to `within`. */
  | {
      readonly kind: 'inside';
      readonly window: Window;
      readonly index: number;
      readonly within: KeyValue | undefined;
    }
  | { readonly kind: 'end' };

/** While there is something ahead. */
export type Walking = Exclude<Position, { readonly kind: 'end' }>;

/** Where a walk starts. */
export const START: Walking = { kind: 'between', after: undefined };

/** The position once everything up to `through` is moved. */
export function afterWindow(through: KeyValue, goal: KeyValue): Position {
  return sameKey(through, goal) ? { kind: 'end' } : { kind: 'between', after: through };
}

/** The position once the open stride is moved up to `through`. */
export function afterPart(
  position: Extract<Position, { kind: 'inside' }>,
  through: KeyValue,
  goal: KeyValue,
): Position {
  const { window, index } = position;
  if (!sameKey(through, window.through)) return { ...position, within: through };
  if (index + 1 < window.modulus) {
    return { kind: 'inside', window, index: index + 1, within: undefined };
  }
  return afterWindow(window.through, goal);
}

/** The position once a window has grown as far as it goes: stride 1 is next. */
export function opened(window: Window): Extract<Position, { kind: 'inside' }> {
  return { kind: 'inside', window, index: 1, within: undefined };
}

/** The position as it is stored; `parsePosition` reads it back. */
export function writePosition(position: Position): string {
  return JSON.stringify(position);
}

/** @throws SyntaxError when the text is not one that `writePosition` made */
export function parsePosition(text: string): Position {
  const read = JSON.parse(text) as Position;
  switch (read.kind) {
    case 'between':
      return { kind: 'between', after: read.after };
    case 'opening':
      return { kind: 'opening', window: windowOf(read.window) };
    case 'inside':
      return {
        kind: 'inside',
        window: windowOf(read.window),
        index: read.index,
        within: read.within,
      };
    case 'end':
      return { kind: 'end' };
    default:
      throw new SyntaxError(`not a backfill position: ${text}`);
  }
}

/** With `after`, which JSON leaves out where it is undefined. */
function windowOf(window: Window): Window {
  return { ...window, after: window.after };
}
