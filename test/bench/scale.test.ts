import { describe, expect, it } from '@jest/globals';
import { decadeScale, linearScale, roundNumbers } from '../../bench/report/scale.ts';

const valuesOf = ({ ticks }: ReturnType<typeof linearScale>) => ticks.map(({ value }) => value);

describe('linearScale', () => {
  it.each([
    { largest: 0, values: [0, 1] },
    { largest: 97_531, values: [0, 50_000, 100_000] },
    { largest: 150, values: [0, 50, 100, 150] },
    { largest: 231, values: [0, 100, 200, 300] },
  ])('reaches from zero to a round number above $largest', ({ largest, values }) => {
    const scale = linearScale(largest, String);
    expect(valuesOf(scale)).toEqual(values);
    expect([scale.share(0), scale.share(values.at(-1) ?? 0)]).toEqual([0, 1]);
  });
});

describe('decadeScale', () => {
  it('has a tick for each power of ten, in the unit that is read', () => {
    const scale = decadeScale([3.6, 23_134]);
    expect(scale.ticks.map(({ label }) => label)).toEqual([
      '1 ms',
      '10 ms',
      '100 ms',
      '1 s',
      '10 s',
      '100 s',
    ]);
    expect(scale.share(100)).toBeCloseTo(0.4);
  });
});

describe('roundNumbers', () => {
  it.each([
    { from: 3.01, to: 79, values: [10, 20, 30, 40, 50, 60, 70] },
    { from: 3.01, to: 12, values: [4, 5, 6, 7, 8, 9, 10, 11, 12] },
    { from: 0, to: 0.5, values: [0] },
  ])('lie between $from and $to', ({ from, to, values }) => {
    expect(roundNumbers(from, to, 10)).toEqual(values);
  });
});
