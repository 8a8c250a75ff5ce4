import { describe, expect, it } from '@jest/globals';
import { averaged } from '../../bench/average.ts';
import type { CaseResult } from '../../bench/facts.ts';

const result = (id: string, seconds: number, problem?: string): CaseResult => ({
  id,
  name: id,
  rows: 600,
  rounds: 1,
  seconds,
  rowsPerSecond: 600 / seconds,
  heapGrowth: 1,
  hotPercent: 50,
  walBytesPerRow: 500,
  strategies: [],
  problem,
});

describe('averaged', () => {
  it('makes one result of the rounds of a way: their mean time', () => {
    const [a, b] = averaged([result('a', 10), result('b', 4), result('b', 8), result('a', 20)]);
    expect(a).toMatchObject({ id: 'a', rounds: 2, seconds: 15, rowsPerSecond: 40 });
    expect(b).toMatchObject({ id: 'b', rounds: 2, seconds: 6, rowsPerSecond: 100 });
  });

  it('keeps what went wrong in any of them', () => {
    expect(averaged([result('a', 1, 'a row was lost'), result('a', 1)])).toMatchObject([
      { problem: 'a row was lost' },
    ]);
  });
});
