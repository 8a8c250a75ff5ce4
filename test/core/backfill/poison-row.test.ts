import { describe, expect, it } from '@jest/globals';
import { type BoundarySearch, boundarySearch, cutBatch } from '../../../lib/core/backfill/batch.ts';
import {
  afterBadRow,
  afterMove,
  afterSettingAside,
  firstLessons,
  nextWish,
} from '../../../lib/core/backfill/lessons.ts';
import { type Position, START } from '../../../lib/core/backfill/position.ts';
import type { KeyRange } from '../../../lib/core/backfill/range.ts';
import { durationMs } from '../../../lib/core/ids.ts';

type Active = Exclude<Position, { readonly kind: 'end' }>;

const ROWS = 2_000_000;
const GOAL = [String(ROWS)];
const PACING = {
  targetBatchMs: durationMs(100),
  minRows: 100,
  maxRows: 50_000,
  pauseMs: durationMs(0),
  quarantineLimit: 1,
};

/** The key so many keys further on in a table of 1, 2, 3 and so on. */
function boundaryOf({
  after,
  through,
  stride,
  keys,
}: BoundarySearch): readonly string[] | undefined {
  const start = Number(after?.[0] ?? 0) + 1;
  const step = stride?.modulus ?? 1;
  const first = stride === undefined ? start : start + ((stride.index - start) & (step - 1));
  const found = first + step * (keys - 1);
  return found > Number(through[0]) ? undefined : [String(found)];
}

function holds({ after, through, stride }: KeyRange, key: number): boolean {
  const inside = key > Number(after?.[0] ?? 0) && key <= Number(through[0]);
  return inside && (stride === undefined || (key & (stride.modulus - 1)) === stride.index);
}

/** Batches until the end, those that failed and the one that sets the row aside among them. */
function batchesFor(poison: number | undefined, modulus: number, rowsPerMs: number): number {
  let lessons = firstLessons(PACING, undefined);
  let position: Active = START as Active;
  let setAside = false;
  for (let batches = 1; ; batches += 1) {
    const wish = nextWish(lessons, { modulus, by: 'value' });
    const search = boundarySearch(position, wish, GOAL);
    const batch = cutBatch(position, wish, GOAL, search && boundaryOf(search));
    const opens: boolean = position.kind === 'between';
    if (poison !== undefined && !setAside && holds(batch.range, poison)) {
      const alone = wish.strict && wish.rows === 1;
      lessons = afterBadRow(lessons, { wish, batch, opens });
      if (!alone) continue;
      batches += 1;
      setAside = true;
      lessons = afterSettingAside(lessons);
    } else {
      lessons = afterMove(lessons, { wish, batch, ms: batch.keys / rowsPerMs }, PACING);
    }
    if (batch.next.kind === 'end') return batches;
    position = batch.next;
  }
}

describe('a poison row among 2,000,000', () => {
  const places = [1, 2, 777, 123_457, 800_000, 1_000_001, 1_515_151, 1_999_993, ROWS];
  it.each([
    [1, 'plain ranges', 50],
    [8, '8 strides', 50],
    [8, '8 strides of the largest batches', 1_000],
    [16, '16 strides of the largest batches', 1_000],
  ] as const)(
    'costs at most 25 more batches than none does (%i: %s)',
    (modulus, _how, rowsPerMs) => {
      const without = batchesFor(undefined, modulus, rowsPerMs);
      const extra = places.map((poison) => batchesFor(poison, modulus, rowsPerMs) - without);
      expect(Math.max(...extra)).toBeLessThanOrEqual(25);
    },
  );
});
