import { type KeyValue, sameKey } from './key.ts';
import { afterPart, afterWindow, type Position, type Walking } from './position.ts';
import type { KeyRange, Stride } from './range.ts';

/** How large the next batch should be, and how a new window is cut. */
export interface BatchWish {
  /** Keys to move in one batch. */
  readonly rows: number;
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
  if (position.kind === 'between') {
    const keys = wish.rows * modulusOf(wish);
    return { after: position.after, through: goal, stride: undefined, keys };
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
  return position.kind === 'between'
    ? openWindow(position.after, wish, goal, found)
    : continueWindow(position, wish, goal, found);
}

function openWindow(
  after: KeyValue | undefined,
  wish: BatchWish,
  goal: KeyValue,
  found: KeyValue | undefined,
): Batch {
  const through = found ?? goal;
  const size = { keys: wish.rows, remainder: found === undefined };
  const modulus = modulusOf(wish);
  if (modulus === 1) {
    const range = { after, through, stride: undefined };
    return { range, ...size, next: afterWindow(through, goal) };
  }
  const window = { after, through, rowsPerStride: wish.rows, modulus, by: wish.by };
  return {
    range: { after, through, stride: { modulus, index: 0, by: wish.by } },
    ...size,
    next: { kind: 'inside', window, index: 1, within: undefined },
  };
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
    keys: searched ? wish.rows : window.rowsPerStride,
    // The strides of a full window share its keys exactly; those of the last one hold what is left.
    remainder: searched ? found === undefined : sameKey(window.through, goal),
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
