import type { KeyValue } from './key.ts';
import { type Position, parsePosition, START, type Walking } from './position.ts';

/**
 * Where a backfill stands: in the one walk by the key that most backfills are, or in one of several
 * passes.
 *
 * A key in random order (uuid version 4) leads to another page with each row: a walk by such a key
 * reads and writes every page as many times as it has rows. So the pages are walked instead, in
 * their own order, and the rows that are still to be done are met there. A row that somebody updates
 * meanwhile may go to a page that was passed. Nothing is lost by that:
 *
 * 1. Each pass skips what is done, so that a repetition is harmless and no row is moved twice.
 * 2. The backfill is done only when a scan of the whole table in ONE snapshot has found nothing left:
 *    in a snapshot each row is in exactly one place. That is a read, which locks no row.
 * 3. What the scan finds is met by another pass, which writes next to nothing and is therefore short;
 *    a row slips through again only if it moves from ahead of it to behind it. After `MOST_PASSES`
 *    the key decides, which does not move.
 */
export type Stage = Position | Pass | Closing;

export interface Pass {
  readonly kind: 'pass';
  /** From 1. */
  readonly pass: number;
  /** The order of this walk: `at` and `goal` are places in the table, or values of the key. */
  readonly by: 'pages' | 'key';
  readonly goal: KeyValue;
  readonly at: Walking;
}

/** All pages were passed; the scan in one snapshot is next. */
export interface Closing {
  readonly kind: 'closing';
  /** The pass that was the last one. */
  readonly pass: number;
  /** Scans that were cut short. */
  readonly attempts: number;
}

const MOST_PASSES = 3;
/** A scan has to fit one call. When it was cut short twice, once with a whole call before it, it does not. */
const MOST_ATTEMPTS = 2;

/** @param goal the first place behind the table */
export function firstPass(goal: KeyValue): Pass {
  return { kind: 'pass', pass: 1, by: 'pages', goal, at: START };
}

/** Where a backfill stands once the walk of a pass stands at `at`. */
export function afterStep(pass: Pass, at: Position): Stage {
  if (at.kind !== 'end') return { ...pass, at };
  return pass.by === 'key' ? at : { kind: 'closing', pass: pass.pass, attempts: 0 };
}

/** What the scan in one snapshot found. */
export type ScanResult =
  | { readonly kind: 'nothing-left' }
  /** `goal`: the first place behind the table as it is now. */
  | { readonly kind: 'rows-left'; readonly goal: KeyValue }
  | { readonly kind: 'cut-short' };

/** Where a backfill stands after the scan. @param lastKey the goal of a walk by the key */
export function afterScan(closing: Closing, result: ScanResult, lastKey: KeyValue): Stage {
  const pass = closing.pass + 1;
  const byKey: Pass = { kind: 'pass', pass, by: 'key', goal: lastKey, at: START };
  switch (result.kind) {
    case 'nothing-left':
      return { kind: 'end' };
    case 'rows-left':
      return pass > MOST_PASSES ? byKey : { ...firstPass(result.goal), pass };
    case 'cut-short': {
      const attempts = closing.attempts + 1;
      return attempts < MOST_ATTEMPTS ? { ...closing, attempts } : byKey;
    }
  }
}

/** As it is stored; `parseStage` reads it back. */
export function writeStage(stage: Stage): string {
  return JSON.stringify(stage);
}

/** @throws SyntaxError when the text is not one that `writeStage` made */
export function parseStage(text: string): Stage {
  const read = JSON.parse(text) as Stage;
  switch (read.kind) {
    case 'pass':
      return { ...read, at: parsePosition(JSON.stringify(read.at)) as Walking };
    case 'closing':
      return read;
    default:
      return parsePosition(text);
  }
}
