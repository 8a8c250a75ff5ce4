import { describe, expect, it } from '@jest/globals';
import { ALL_CELLS } from '../../faults/cells/all-cells.ts';
import { chooseCells } from '../../faults/choose-cells.ts';
import { killMoments } from '../../faults/kills/moments.ts';
import { parseOptions } from '../../faults/options.ts';

describe('parseOptions', () => {
  it('publishes a whole matrix and kills, and nothing that is less', () => {
    expect(parseOptions([])).toMatchObject({ kind: 'matrix', out: 'docs' });
    expect(parseOptions(['--kills', '100'])).toMatchObject({ kind: 'kills', out: 'docs' });
    for (const less of [['--cell', 'a/b/c'], ['--sample', '8'], ['--only', 'rds'], ['--dry']]) {
      expect(parseOptions(less)).toMatchObject({ kind: 'matrix', out: undefined });
    }
  });

  it('refuses what is not a number', () => {
    expect(() => parseOptions(['--kills', 'many'])).toThrow('--kills is a whole number, got many');
  });
});

describe('chooseCells', () => {
  const choose = (seed: number, sample: number | undefined) =>
    chooseCells(ALL_CELLS, { only: /./, cell: undefined, sample, seed }).map(({ id }) => id);

  it('chooses the same cells in the same order for the same seed', () => {
    expect(choose(3, 8)).toEqual(choose(3, 8));
    expect(choose(3, 8)).not.toEqual(choose(4, 8));
  });

  it('leaves none out', () => {
    expect(choose(1, undefined).toSorted()).toEqual(ALL_CELLS.map(({ id }) => id).toSorted());
  });
});

describe('killMoments', () => {
  it('are the same for the same seed and run, and inside of the share of their life', () => {
    const moments = killMoments(4, 1_000, 7, 3);
    expect(killMoments(4, 1_000, 7, 3)).toEqual(moments);
    expect(killMoments(4, 1_000, 7, 4)).not.toEqual(moments);
    for (const { call } of moments) {
      expect(call).toBeGreaterThanOrEqual(1);
      expect(call).toBeLessThanOrEqual(250);
    }
  });
});
