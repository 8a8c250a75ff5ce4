import { describe, expect, it } from '@jest/globals';
import { casesOf } from '../../bench/cases.ts';
import { parseOptions } from '../../bench/options.ts';

describe('parseOptions', () => {
  it('measures two million rows and writes to docs', () => {
    expect(parseOptions([])).toMatchObject({
      rows: 2_000_000,
      unanalyzedRows: 300_000,
      out: 'docs',
    });
  });

  it('checks small tables and writes nothing when smoking', () => {
    expect(parseOptions(['--smoke'])).toMatchObject({ rows: 12_000, smoke: true, out: undefined });
  });

  it.each([
    { argv: ['--rows', 'many'], says: '--rows is a whole number, got many' },
    { argv: ['--rows', '9999'], says: '--rows is at least 10000, got 9999' },
    { argv: ['--seed=-1'], says: '--seed is a whole number, got -1' },
    { argv: ['--fast'], says: "Unknown option '--fast'" },
  ])('refuses $argv', ({ argv, says }) => {
    expect(() => parseOptions(argv)).toThrow(says);
  });
});

describe('casesOf', () => {
  it('measures what is compared in turn, so that a machine which slows down does so for both', () => {
    const ids = casesOf(false).map(({ id }) => id);
    for (const shape of ['bigint', 'uuid', 'fillfactor', 'indexed']) {
      const [one, other] = [`${shape}/single`, `${shape}/lockkeeper`];
      expect(ids.filter((id) => id === one || id === other)).toEqual([one, other, other, one]);
    }
  });

  it('measures pgroll itself only where it can be run', () => {
    const itself = (has: boolean) =>
      casesOf(has).filter(({ way }) => way.kind === 'pgroll-binary').length;
    expect([itself(false), itself(true)]).toEqual([0, 2]);
  });
});
