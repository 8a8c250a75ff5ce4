import { describe, expect, it } from '@jest/globals';
import type { Batch } from '../../../lib/core/backfill/batch.ts';
import {
  afterBadRow,
  afterContention,
  afterMove,
  afterOthersMoved,
  afterSettingAside,
  afterTimeout,
  afterTrouble,
  firstLessons,
  nextWish,
  timeLimit,
} from '../../../lib/core/backfill/lessons.ts';
import { durationMs } from '../../../lib/core/ids.ts';

const PACING = {
  targetBatchMs: durationMs(100),
  minRows: 100,
  maxRows: 50_000,
  pauseMs: durationMs(0),
  quarantineLimit: 0,
};
const STRIDED = { modulus: 8, by: 'value' } as const;
const FRESH = firstLessons(PACING, 4_000);
const WISH = nextWish(FRESH, STRIDED);
const BATCH: Batch = {
  range: { after: undefined, through: ['9'], stride: undefined },
  keys: 4_000,
  remainder: false,
  next: { kind: 'end' },
};
const FAILED = { wish: WISH, batch: BATCH, opens: false };

describe('lessons', () => {
  it('start with the size of the last call, and a time limit until one batch is known', () => {
    expect(WISH).toEqual({ rows: 4_000, opening: 1_333, modulus: 8, by: 'value', strict: false });
    expect(timeLimit(FRESH, PACING)).toBe(1_000);
    const proven = afterMove(FRESH, { wish: WISH, batch: BATCH, ms: 80 }, PACING);
    expect(timeLimit(proven, PACING)).toBeUndefined();
    const slow = afterMove(FRESH, { wish: WISH, batch: BATCH, ms: 301 }, PACING);
    expect(timeLimit(slow, PACING)).toBe(1_000);
    expect(slow.servo.rows).toBe(800);
  });

  it('steer the first stride of a window apart from the others', () => {
    // GIVEN a window whose first stride takes three times as long
    const visit = (index: number, keys: number): Batch => ({
      ...BATCH,
      keys,
      range: { ...BATCH.range, stride: { modulus: 8, index, by: 'value' } },
    });
    let lessons = FRESH;

    // WHEN
    for (let window = 0; window < 10; window += 1) {
      for (let index = 0; index < 8; index += 1) {
        const wish = nextWish(lessons, STRIDED);
        const keys = index === 0 ? (wish.opening ?? 0) : wish.rows;
        const ms = keys * (index === 0 ? 0.015 : 0.005);
        lessons = afterMove(lessons, { wish, batch: visit(index, keys), ms }, PACING);
      }
    }

    // THEN each of them takes its time, of a target of 100 ms
    const { rows, opening = 0 } = nextWish(lessons, STRIDED);
    expect(rows * 0.005).toBeCloseTo(50, -1);
    expect(opening * 0.015).toBeCloseTo(50, -1);
  });

  it('halve a batch with a bad row, and count the whole window when it was to be opened', () => {
    expect(nextWish(afterBadRow(FRESH, FAILED), STRIDED)).toMatchObject({
      rows: 2_000,
      strict: true,
    });
    expect(afterBadRow(FRESH, { ...FAILED, opens: true }).suspicion.keys).toBe(32_000);
    const half = { wish: { ...WISH, rows: 2_000, strict: true }, batch: BATCH, opens: true };
    expect(afterBadRow(FRESH, half).suspicion.keys).toBe(2_000);
  });

  it('do not change the size because of parts of a failing batch', () => {
    const suspecting = afterBadRow(FRESH, FAILED);
    const wish = nextWish(suspecting, STRIDED);
    const moved = afterMove(suspecting, { wish, batch: { ...BATCH, keys: 2_000 }, ms: 1 }, PACING);
    expect(moved.servo).toEqual(FRESH.servo);
    expect(moved.suspicion.keys).toBe(2_000);
    expect(nextWish(afterSettingAside(moved), STRIDED)).toEqual(WISH);
  });

  it('repeat a blocked batch once as it was, then close in on the locked row', () => {
    const once = afterContention(FRESH, FAILED);
    expect(nextWish(once, STRIDED)).toEqual(WISH);
    const twice = afterContention(once, FAILED);
    expect(nextWish(twice, STRIDED)).toMatchObject({ rows: 2_000, strict: true });
    expect(twice.attempts).toBe(2);
    expect(afterOthersMoved(twice)).toMatchObject({ attempts: 0, suspicion: { keys: 0 } });
  });

  it('shrink a batch that ran out of time and give it more time, until both are at their limit', () => {
    let lessons = FRESH;
    const seen: [number, number | undefined][] = [];
    for (;;) {
      seen.push([lessons.servo.rows, timeLimit(lessons, PACING)]);
      const next = afterTimeout(lessons, PACING);
      if (next === undefined) break;
      lessons = next;
    }
    expect(seen).toEqual([
      [4_000, 1_000],
      [800, 2_000],
      [160, 4_000],
      [100, 8_000],
      [100, 16_000],
      [100, 32_000],
      [100, 40_000],
    ]);
  });

  it('leave the size alone when the server was away', () => {
    expect(afterTrouble(FRESH)).toEqual({ ...FRESH, attempts: 1 });
  });
});
