import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { alone, review } from './hazard-case.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

describe('an allowance', () => {
  it('silences its rule on its statement, and the finding is kept with the reason', () => {
    // GIVEN
    const sql = `-- lockkeeper:allow drop-column: nobody has read it since 2024
alter table t drop column c;
alter table t drop column b;`;

    // WHEN
    const { findings, suppressed } = review(parser, sql);

    // THEN
    expect(findings).toMatchObject([{ rule: 'drop-column', statementIndex: 1 }]);
    expect(suppressed).toMatchObject([
      { rule: 'drop-column', statementIndex: 0, reason: 'nobody has read it since 2024' },
    ]);
  });

  it('silences one rule only', () => {
    const sql = '-- lockkeeper:allow drop-cascade: agreed\nalter table t drop column c cascade';
    expect(review(parser, sql).findings.map(({ rule }) => rule)).toEqual(['drop-column']);
  });

  it('may stand with others before one statement', () => {
    const sql = `-- lockkeeper:allow drop-cascade: agreed
-- lockkeeper:allow drop-column: agreed: see the minutes
alter table t drop column c cascade`;
    const { findings, suppressed } = review(parser, sql);
    expect(findings).toEqual([]);
    expect(suppressed.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['agreed', 'agreed: see the minutes']),
    );
  });

  it('silences what statements endanger together as well', () => {
    const sql = `-- lockkeeper:allow missing-lock-timeout: set for the role
alter table t add z int`;
    expect(review(parser, alone(sql)).findings).toEqual([]);
  });

  it('cannot silence what is wrong with itself', () => {
    const sql = `-- lockkeeper:allow allow-without-reason: no
-- lockkeeper:allow drop-column
alter table t drop column c`;
    const rules = review(parser, sql).findings.map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining(['drop-column', 'allow-without-reason']));
  });

  it('is never read out of a literal', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('-- ', '/* ', '\n-- ', '--', "''-- "),
        fc.constantFrom("'", '$$', '$q$'),
        (before, quote) => {
          const text = `${before}lockkeeper:allow drop-column: because`;
          if (quote !== "'" && text.includes("''")) return;
          const sql = `select ${quote}${text}${quote};\nalter table t drop column c`;
          const { findings, suppressed } = review(parser, sql);
          expect(findings.map(({ rule }) => rule)).toEqual(['drop-column']);
          expect(suppressed).toEqual([]);
        },
      ),
    );
  });
});
