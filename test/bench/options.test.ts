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
  it('has one case an id, and one UPDATE first in every shape that has one', () => {
    const ids = casesOf(parseOptions([])).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids.filter((each) => each.endsWith('/single'))) {
      const [shape] = id.split('/');
      expect(ids.find((each) => each.startsWith(`${shape}/`))).toBe(id);
    }
  });
});
