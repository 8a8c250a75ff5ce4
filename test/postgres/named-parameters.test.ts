import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadModule, scanSync } from 'libpg-query';
import { bindNamed } from '../../lib/postgres/named-parameters.ts';

describe('named parameters', () => {
  it('become positions in order of first appearance, and one name takes one position', () => {
    expect(bindNamed('select :b, :a, :b', ['a', 'b', 'unused'])).toEqual({
      text: 'select $1, $2, $1',
      order: ['b', 'a'],
      missing: [],
    });
  });

  it('are named when nobody gave them a value', () => {
    expect(bindNamed('select :a, :gone', ['a'])).toMatchObject({ missing: ['gone'] });
  });

  it.each([
    ["select ':a', :a", "select ':a', $1"],
    ["select 'it''s :a', :a", "select 'it''s :a', $1"],
    ["select E'\\':a', :a", "select E'\\':a', $1"],
    ["select '\\', :a", "select '\\', $1"],
    ['select ":a" from "x"":a" where :a', 'select ":a" from "x"":a" where $1'],
    ['select $$:a$$, :a', 'select $$:a$$, $1'],
    ['select $t$ $$ :a $t$, :a', 'select $t$ $$ :a $t$, $1'],
    ['select a$b$:a', 'select a$b$$1'],
    ['select 1 -- :a\n, :a', 'select 1 -- :a\n, $1'],
    ['select /* :a /* :a */ :a */ :a', 'select /* :a /* :a */ :a */ $1'],
    ['select :a::text, x::a', 'select $1::text, x::a'],
    ['call f(a := :a)', 'call f(a := $1)'],
    ['select x[1:2], :a', 'select x[1:2], $1'],
    ['select x[:a:2]', 'select x[$1:2]'],
    ['select :a', 'select $1'],
    ["select 'never closed :b", "select 'never closed :b"],
  ])('are found only where they are parameters: %s', (sql, text) => {
    expect(bindNamed(sql, ['a']).text).toBe(text);
  });

  it('may be numbers, as some libraries name them', () => {
    expect(bindNamed('select :1, x[2:3], :2', ['1', '2'])).toMatchObject({
      text: 'select $1, x[2:3], $2',
      order: ['1', '2'],
    });
  });

  it('never touch text that PostgreSQL reads as a string, a comment or a quoted name', async () => {
    await loadModule();
    const piece = fc.oneof(
      fc.constantFrom(
        "'",
        "''",
        '"',
        '$$',
        '$t$',
        '--',
        '\n',
        '/*',
        '*/',
        "E'",
        '\\',
        ':a',
        '::',
        ' ',
      ),
      fc.constantFrom('select', '1', 'a', ',', 'é'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const sql = pieces.join('');
        const tokens = scan(sql);
        // Text that PostgreSQL itself cannot read is refused by the server either way.
        fc.pre(tokens !== undefined);
        const markers = bindNamed(sql, ['a']).order.length > 0;
        const bytes = Buffer.from(sql);
        const outside = (tokens ?? []).some(
          (token, index) =>
            token.text === ':' &&
            /^a/.test(bytes.subarray(token.end).toString()) &&
            tokens?.[index + 1]?.start === token.end,
        );
        expect(markers && !outside).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

function scan(sql: string): ReturnType<typeof scanSync>['tokens'] | undefined {
  try {
    return scanSync(sql).tokens;
  } catch {
    return undefined;
  }
}
