import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { split } from '../../../lib/core/sql/split.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

function textsOf(sql: string): readonly string[] {
  const outcome = split(parser, sql);
  if (outcome.kind === 'syntax-error') throw new TypeError(outcome.message);
  return outcome.statements.map(({ text }) => text);
}

describe('split', () => {
  it('leaves out comments and white space around a statement and keeps those inside', () => {
    // GIVEN
    const sql = '-- first\nselect 1 /* inside */ + 2 -- after\n;\n/* a /* b */ c */ select 2 ;;\n';

    // WHEN
    const texts = textsOf(sql);

    // THEN
    expect(texts).toEqual(['select 1 /* inside */ + 2', 'select 2']);
  });

  it('never splits inside a function body', () => {
    // GIVEN
    const atomic = 'create function f() returns int begin atomic select 1; select 2; end';
    const dollars = 'create function g() returns int language sql as $b$ select 1; select 2 $b$';

    // WHEN
    const texts = textsOf(`${atomic};${dollars};`);

    // THEN
    expect(texts).toEqual([atomic, dollars]);
  });

  it('tells line and column in a file with CRLF, accents and emoji', () => {
    // GIVEN
    const sql = "\uFEFFselect 'é😀';\r\n\r\n  select 'ü' as \"naïve\";";

    // WHEN
    const outcome = split(parser, sql);

    // THEN
    expect(outcome).toMatchObject({
      kind: 'statements',
      statements: [
        { text: "select 'é😀'", line: 1, column: 2 },
        { text: 'select \'ü\' as "naïve"', line: 3, column: 3 },
      ],
    });
  });

  it('returns no statement for a text of comments', () => {
    expect(textsOf(' -- nothing\n/* here */ ; ')).toEqual([]);
  });

  it('returns a syntax error with its place, counted in UTF-16 units', () => {
    // GIVEN
    const sql = "select '😀é';\nselec 1";

    // WHEN
    const outcome = split(parser, sql);

    // THEN
    expect(outcome).toEqual({
      kind: 'syntax-error',
      message: 'syntax error at or near "selec"',
      offset: sql.indexOf('selec 1'),
      line: 2,
      column: 1,
    });
  });

  it('counts the same places when the file starts with a byte order mark', () => {
    expect(split(parser, '\uFEFFselec 1')).toMatchObject({ kind: 'syntax-error', offset: 1 });
  });

  it('refuses a null character instead of ignoring what follows it', () => {
    expect(split(parser, 'select 1;\0 drop table t')).toMatchObject({
      kind: 'syntax-error',
      message: 'a null character cannot be part of SQL',
      offset: 9,
    });
  });

  it('finds again the statements that were joined, whatever is between and inside them', () => {
    const words = fc
      .string({ unit: 'binary', maxLength: 12 })
      .map((text) => text.replaceAll('\0', ''));
    const name = fc.stringMatching(/^[a-zé_]{1,6}$/);
    const statement = fc.oneof(
      words.map((text) => `select '${text.replaceAll("'", "''")}'`),
      words.map((text) => `select E'${text.replace(/[\\']/g, '\\$&')}\\n;'`),
      fc
        .tuple(name, words)
        .map(([tag, text]) => `select $${tag}$ ; ' -- /* ${text.replaceAll('$', '')} $${tag}$`),
      words.map((text) => `select 1 as "x${text.replaceAll('"', '""')}"`),
      words.map((text) => `select /* ${text.replace(/[*/]/g, '')} ; */ 1 -- ; inner\n + 1`),
      fc.constant("select U&'\\00e9 ; \\+01F600'"),
      fc.constant('create function f() returns int begin atomic select 1; select 2; end'),
    );
    const gap = fc.array(
      fc.oneof(
        fc.constantFrom(' ', '\n', '\r\n', '\t', ' ; ', '-- é \' ; " $$\n', '/* ; /* 😀 */ $x$ */'),
      ),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, statement)), gap, (parts, tail) => {
        const sql = [
          ...parts.map(([between, text]) => `${between.join('')}${text};`),
          ...tail,
        ].join('');
        const outcome = split(parser, sql);
        expect(outcome.kind).toBe('statements');
        if (outcome.kind !== 'statements') return;
        expect(outcome.statements.map(({ text }) => text)).toEqual(parts.map(([, text]) => text));
        for (const { text, start, end, line, column } of outcome.statements) {
          expect(sql.slice(start, end)).toBe(text);
          const before = sql.slice(0, start).split(/\r\n|\n|\r/);
          expect([line, column]).toEqual([before.length, (before.at(-1) ?? '').length + 1]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
