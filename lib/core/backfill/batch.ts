import { type KeyValue, sameKey } from './key.ts';
import {
  afterPart,
  afterWindow,
  opened,
  type Position,
  type Walking,
  type Window,
} from './position.ts';
import type { KeyRange, Stride } from './range.ts';

/** How large the next batch should be, and how a new window is cut. */
export interface BatchWish {
  /** Keys to move in one batch. */
  readonly rows: number;
  /** Keys to move in one batch of the first stride of a window, which takes longer. @default - `rows` */
  readonly opening?: number;
  /** For a new window; 1 means plain ranges. */
  readonly modulus: number;
  readonly by: Stride['by'];
  /** True while a failing row is being closed in on: the batch must not be larger than `rows`. */
  readonly strict: boolean;
}

/** A look along the key's index for the key that ends the next batch. */
export interface BoundarySearch {
  readonly after: KeyValue | undefined;
  /** Nothing beyond it is looked at. */
  readonly through: KeyValue;
  readonly stride: Stride | undefined;
  /** The boundary is the key this many keys after `after`. */
  readonly keys: number;
}

/** One batch: what it moves, and where the backfill stands once it is committed. */
export interface Batch {
  readonly range: KeyRange;
  /** How many keys it is expected to hold. */
  readonly keys: number;
  /** True when `keys` is only the most it can hold: fewer were left than the search asked for. */
  readonly remainder: boolean;
  readonly next: Position;
}

/**
 * A stride somewhat larger than wished is still moved in one batch: splitting it costs a search,
 * and p90 sizing keeps the time of such a batch within 1 / 0.6 = 1.7 times the target.
 */
const WHOLE_STRIDE_SHARE = 0.6;

/** What must be known before the next batch can be cut; undefined: nothing. */
export function boundarySearch(
  position: Walking,
  wish: BatchWish,
  goal: KeyValue,
): BoundarySearch | undefined {
  if (position.kind !== 'inside') {
    const { after, part } = nextPart(position, wish);
    const stride = wish.strict ? part : undefined;
    const keys = rowsAt(position, wish) * (wish.strict ? 1 : (part?.modulus ?? 1));
    return { after, through: goal, stride, keys };
  }
  const { window, within } = position;
  const whole = within === undefined && wish.rows >= window.rowsPerStride * WHOLE_STRIDE_SHARE;
  if (whole && !wish.strict) return undefined;
  return {
    after: within ?? window.after,
    through: window.through,
    stride: strideOf(position),
    keys: wish.rows,
  };
}

/** @param found the key that the search gave; undefined when fewer keys are left than it asked for */
export function cutBatch(
  position: Walking,
  wish: BatchWish,
  goal: KeyValue,
  found: KeyValue | undefined,
): Batch {
  if (position.kind === 'inside') return continueWindow(position, wish, goal, found);
  const { after, part } = nextPart(position, wish);
  const through = found ?? goal;
  const rows = rowsAt(position, wish);
  const batch = {
    range: { after, through, stride: part },
    keys: rows,
    remainder: found === undefined,
  };
  if (part === undefined) return { ...batch, next: afterWindow(through, goal) };
  const window = grown(position, part, through, wish.strict, rows);
  // As near to the wish as whole parts come: twice of it would have to be cut up again.
  const isLarge = window.rowsPerStride + rows / 2 >= wish.rows && !wish.strict;
  const grows = !isLarge && !sameKey(through, goal);
  return { ...batch, next: grows ? { kind: 'opening', window } : opened(window) };
}

/** Where the next window, or the next part of the one that grows, begins; undefined: it has no strides. */
function nextPart(
  position: Exclude<Walking, { readonly kind: 'inside' }>,
  wish: BatchWish,
): { readonly after: KeyValue | undefined; readonly part: Stride | undefined } {
  const modulus = modulusAt(position, wish);
  const { after, by } =
    position.kind === 'between'
      ? { after: position.after, by: wish.by }
      : { after: position.window.through, by: position.window.by };
  return { after, part: modulus === 1 ? undefined : { modulus, index: 0, by } };
}

function grown(
  position: Exclude<Walking, { readonly kind: 'inside' }>,
  { modulus, by }: Stride,
  through: KeyValue,
  strict: boolean,
  rows: number,
): Window {
  if (position.kind === 'between') {
    return { after: position.after, through, rowsPerStride: rows, modulus, by };
  }
  const { window } = position;
  return {
    ...window,
    through,
    rowsPerStride: window.rowsPerStride + rows,
    ...(strict && { uneven: true }),
  };
}

/** The wish with the size that a search was made for. */
export function asSearched(
  position: Walking,
  wish: BatchWish,
  { keys }: BoundarySearch,
): BatchWish {
  const modulus = modulusAt(position, wish);
  const rows = Math.max(1, Math.floor(keys / modulus));
  return modulus === 1 ? { ...wish, rows } : { ...wish, opening: rows };
}

function modulusAt(position: Walking, wish: BatchWish): number {
  return position.kind === 'between' ? modulusOf(wish) : position.window.modulus;
}

/** Keys of the next batch of a first stride, or of a range without strides. */
function rowsAt(position: Walking, wish: BatchWish): number {
  const plain = wish.strict || modulusAt(position, wish) === 1;
  return plain ? wish.rows : (wish.opening ?? wish.rows);
}

function continueWindow(
  position: Extract<Position, { kind: 'inside' }>,
  wish: BatchWish,
  goal: KeyValue,
  found: KeyValue | undefined,
): Batch {
  const { window, within } = position;
  const through = found ?? window.through;
  const searched = boundarySearch(position, wish, goal) !== undefined;
  return {
    range: { after: within ?? window.after, through, stride: strideOf(position) },
    keys: searched ? wish.rows : window.rowsPerStride + (window.uneven === true ? 1 : 0),
    // The strides of a full window share its keys exactly; those of the last one hold what is left.
    remainder: searched
      ? found === undefined
      : window.uneven === true || sameKey(window.through, goal),
    next: afterPart(position, through, goal),
  };
}

/** A window that is opened to close in on a row is plain: its halves are then halves of its keys. */
function modulusOf(wish: BatchWish): number {
  return wish.strict ? 1 : wish.modulus;
}

function strideOf(position: Extract<Position, { kind: 'inside' }>): Stride {
  const { modulus, by } = position.window;
  return { modulus, index: position.index, by };
}
