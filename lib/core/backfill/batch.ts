import { type KeyValue, sameKey } from './key.ts';
import {
  afterPart,
  afterWindow,
  opened,
  type Position,
  rowsAt,
  strideAt,
  type Walking,
  type Window,
} from './position.ts';
import type { KeyRange, Stride } from './range.ts';
import { shareOf } from './shares.ts';

/** How large the next batch should be, and how a new window is cut. */
export interface BatchWish {
  /** Keys to move in one batch. */
  readonly rows: number;
  /** Keys to move in one batch of the first stride of a window, which takes longer. @default - `rows` */
  readonly opening?: number;
  /** For a new window; 1 means plain ranges. */
  readonly modulus: number;
  readonly by: Stride['by'];
  readonly shares?: readonly number[];
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
 * and p90 sizing keeps the time of such a batch within 1 / 0.6 = 1.7 times what it aims at.
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
    const rows = rowsWished(position, wish);
    const keys = wish.strict || part === undefined ? rows : Math.ceil(rows / shareOf(part));
    return { after, through: goal, stride, keys };
  }
  const { window, index, within } = position;
  const whole = within === undefined && wish.rows >= rowsAt(window, index) * WHOLE_STRIDE_SHARE;
  if (whole && !wish.strict) return undefined;
  return {
    after: within ?? window.after,
    through: window.through,
    stride: strideAt(window, index),
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
  const rows = rowsWished(position, wish);
  const batch = {
    range: { after, through, stride: part },
    keys: rows,
    remainder: found === undefined,
  };
  if (part === undefined) return { ...batch, next: afterWindow(through, goal) };
  const window = grown(position, part, through, wish.strict, rows);
  // As near to the wish as whole parts come: twice of it would have to be cut up again.
  const average = (window.rowsPerStride + rows / 2) / (shareOf(part) * part.modulus);
  const isLarge = average >= wish.rows && !wish.strict;
  const grows = !isLarge && !sameKey(through, goal);
  return { ...batch, next: grows ? { kind: 'opening', window } : opened(window) };
}

/** Where the next window, or the next part of the one that grows, begins; undefined: it has no strides. */
function nextPart(
  position: Exclude<Walking, { readonly kind: 'inside' }>,
  wish: BatchWish,
): { readonly after: KeyValue | undefined; readonly part: Stride | undefined } {
  if (position.kind === 'opening') {
    return { after: position.window.through, part: strideAt(position.window, 0) };
  }
  const { by, modulus, shares } = wish;
  // A window that is opened to close in on a row is plain: its halves are then halves of its keys.
  const part = wish.strict || modulus === 1 ? undefined : { modulus, index: 0, by };
  return { after: position.after, part: part && shares ? { ...part, shares } : part };
}

function grown(
  position: Exclude<Walking, { readonly kind: 'inside' }>,
  { index: _, ...cut }: Stride,
  through: KeyValue,
  strict: boolean,
  rows: number,
): Window {
  if (position.kind === 'between') {
    return { after: position.after, through, rowsPerStride: rows, ...cut };
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
  position: Exclude<Walking, { readonly kind: 'inside' }>,
  wish: BatchWish,
  { keys }: Pick<BoundarySearch, 'keys'>,
): BatchWish {
  const { part } = nextPart(position, wish);
  if (part === undefined) return { ...wish, rows: keys };
  return { ...wish, opening: Math.max(1, Math.floor(keys * shareOf(part))) };
}

/** Keys of the next batch of a first stride, or of a range without strides. */
function rowsWished(
  position: Exclude<Walking, { readonly kind: 'inside' }>,
  wish: BatchWish,
): number {
  const isPlain = wish.strict || nextPart(position, wish).part === undefined;
  return isPlain ? wish.rows : (wish.opening ?? wish.rows);
}

function continueWindow(
  position: Extract<Position, { kind: 'inside' }>,
  wish: BatchWish,
  goal: KeyValue,
  found: KeyValue | undefined,
): Batch {
  const { window, index, within } = position;
  const through = found ?? window.through;
  const searched = boundarySearch(position, wish, goal) !== undefined;
  return {
    range: { after: within ?? window.after, through, stride: strideAt(window, index) },
    keys: searched ? wish.rows : rowsAt(window, index) + (window.uneven === true ? 1 : 0),
    // The strides of a full window share its keys; those of the last one hold what is left.
    remainder: searched
      ? found === undefined
      : window.uneven === true || sameKey(window.through, goal),
    next: afterPart(position, through, goal),
  };
}
