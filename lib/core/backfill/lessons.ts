import type { Pacing } from '../migration/migration.ts';
import type { Batch, BatchWish } from './batch.ts';
import { afterBatch, cut, OVERRUN, type Servo, startServo } from './servo.ts';
import { shareOf } from './shares.ts';
import {
  afterFailure,
  afterSuccess,
  NO_SUSPICION,
  type Suspicion,
  suspectSize,
} from './suspicion.ts';

/** What the batches of one call have taught, and what the next one should be like. */
export interface Lessons {
  readonly servo: Servo;
  /** The size of a batch of the first stride of a window, which is steered apart: it takes longer. */
  readonly opener: Servo;
  readonly suspicion: Suspicion;
  /** Failures in a row at this position; the wait before the next attempt grows with it. */
  readonly attempts: number;
  /** Whether the last batch showed what a batch costs; until then it gets a time limit. */
  readonly proven: boolean;
  /** What the last batch took, or should take when there was none. */
  readonly lastMs: number;
}

/** How a new window is cut, as the strategy wants it. */
export type WindowCut = Pick<BatchWish, 'modulus' | 'by' | 'shares'>;

/** A row of a first stride takes 13 microseconds where one of a later stride takes 4 (three indexes). */
const OPENING_SHARE = 1 / 3;

/** @param batchRows the size that an earlier call arrived at; undefined: there was none */
export function firstLessons(pacing: Pacing, batchRows: number | undefined): Lessons {
  const servo = startServo(pacing, batchRows);
  return {
    servo,
    opener: startServo(pacing, servo.rows * OPENING_SHARE),
    suspicion: NO_SUSPICION,
    attempts: 0,
    proven: false,
    lastMs: pacing.targetBatchMs,
  };
}

export function nextWish({ servo, opener, suspicion }: Lessons, window: WindowCut): BatchWish {
  const suspected = suspectSize(suspicion);
  const rows = suspected === undefined ? servo.rows : Math.min(suspected, servo.rows);
  const opening = Math.min(rows, opener.rows);
  return { rows, opening, ...window, strict: suspected !== undefined };
}

/** Ending a statement before the Data API does it after 45 s leaves its outcome known. */
const LONGEST_STATEMENT_MS = 40_000;

/**
 * The time limit of the next batch; undefined: none is needed. Ten times the target, doubled with
 * each attempt, so that even the smallest batch gets the time that it needs.
 */
export function timeLimit({ proven, attempts }: Lessons, pacing: Pacing): number | undefined {
  if (proven && attempts === 0) return undefined;
  const first = Math.max(1_000, 10 * pacing.targetBatchMs);
  return Math.min(LONGEST_STATEMENT_MS, first * 2 ** attempts);
}

/** A batch was moved. */
export function afterMove(
  lessons: Lessons,
  moved: { readonly wish: BatchWish; readonly batch: Batch; readonly ms: number },
  pacing: Pacing,
): Lessons {
  const { wish, batch, ms } = moved;
  // A part of a failing range says little about the cost of a whole batch.
  const learned = wish.strict
    ? { suspicion: afterSuccess(lessons.suspicion, batch.keys) }
    : sized(lessons, batch, (servo) => afterBatch(servo, { keys: batch.keys, ms }, pacing));
  const proven = ms <= OVERRUN * pacing.targetBatchMs;
  return { ...lessons, ...learned, attempts: 0, proven, lastMs: ms };
}

/** What a batch says of the size of others like it. */
function sized(
  { servo, opener }: Lessons,
  { range }: Batch,
  learn: (servo: Servo) => Servo,
): Pick<Lessons, 'servo' | 'opener'> {
  return range.stride?.index === 0
    ? { servo, opener: learn(opener) }
    : { servo: learn(servo), opener };
}

/** The row that stood alone was set aside: the rest of its range is innocent until it fails again. */
export function afterSettingAside(lessons: Lessons): Lessons {
  return { ...lessons, suspicion: NO_SUSPICION, attempts: 0 };
}

/** A row made the batch fail: the next one is half of it. */
export function afterBadRow(lessons: Lessons, failed: FailedBatch): Lessons {
  return { ...lessons, suspicion: afterFailure(keysIn(failed)), attempts: 0 };
}

/** Somebody has a row locked. The first repetition is whole, as most locks are gone by then. */
export function afterContention(lessons: Lessons, failed: FailedBatch): Lessons {
  const again = { ...lessons, attempts: lessons.attempts + 1 };
  return lessons.attempts === 0 ? again : { ...again, suspicion: afterFailure(keysIn(failed)) };
}

/** The batch ran into its time limit. Undefined: not even the smallest one fits the longest limit. */
export function afterTimeout(lessons: Lessons, pacing: Pacing): Lessons | undefined {
  const smallest = lessons.servo.rows === pacing.minRows;
  const longest = timeLimit(lessons, pacing) === LONGEST_STATEMENT_MS;
  if (smallest && longest) return undefined;
  const { servo, opener } = lessons;
  return { ...afterTrouble(lessons), servo: cut(servo, pacing), opener: cut(opener, pacing) };
}

/** It failed for a reason that says nothing about its size. */
export function afterTrouble(lessons: Lessons): Lessons {
  return { ...lessons, attempts: lessons.attempts + 1 };
}

/** Somebody has moved the checkpoint: what was learned about its old position is void. */
export function afterOthersMoved(lessons: Lessons): Lessons {
  return { ...lessons, suspicion: NO_SUSPICION, attempts: 0 };
}

export interface FailedBatch {
  readonly wish: BatchWish;
  /** Undefined when it failed before it was cut. */
  readonly batch: Batch | undefined;
  /** Whether it would have opened a window. */
  readonly opens: boolean;
  /** Whether its keys were estimated from how many rows a page, or a number, has. @default false */
  readonly estimated?: boolean;
}

/**
 * How many more there may be than estimated: of 1,000 rows of a stride by hash four standard
 * deviations are 13%. A culprit that is not found where it should be is looked for anew, from the start.
 */
const SLACK = 1.25;

/** Keys from the position on among which the culprit is: for the first stride, the whole window. */
function keysIn({ wish, batch, opens, estimated = false }: FailedBatch): number {
  if (wish.strict) return wish.rows;
  const keys = (batch?.keys ?? wish.rows) / (opens ? shareOf({ ...wish, index: 0 }) : 1);
  return estimated ? Math.ceil(keys * SLACK) : keys;
}
