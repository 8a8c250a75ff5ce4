import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMap, isScalar, parseDocument, Scalar, stringify } from 'yaml';
import { offsetInScalar } from '../../../lib/core/migration/source/scalar-position.ts';

const STYLES = [
  Scalar.PLAIN,
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_LITERAL,
  Scalar.BLOCK_FOLDED,
] as const;

const anySql = fc
  .array(
    fc.constantFrom(
      'select',
      "'it''s'",
      '"Größe"',
      '\\d',
      '#x',
      ': y',
      '🚢',
      '  ',
      '\n',
      '\n  ',
      ',',
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((words) => words.join(' '))
  .filter((sql) => sql.trim() !== '');

describe('offsetInScalar', () => {
  it('finds each visible character of a text where it is written, in every style', () => {
    fc.assert(
      fc.property(
        anySql,
        fc.constantFrom(...STYLES),
        fc.integer({ min: 20, max: 80 }),
        (sql, style, lineWidth) => {
          // GIVEN a file as YAML itself writes it, lines folded
          const written = new Scalar(sql);
          written.type = style;
          const text = stringify({ before: 1, list: [{ sql: written }] }, { lineWidth });
          const scalar = parseDocument(text).getIn(['list', 0, 'sql'], true);
          if (!isScalar(scalar)) throw new TypeError('no scalar');
          const value = String(scalar.value);
          for (let index = 0; index < value.length; index++) {
            if (/\s/.test(value.charAt(index))) continue;
            // WHEN
            const offset = offsetInScalar(text, scalar, index);
            // THEN the same character stands there, behind a backslash where it is escaped
            const found = text.slice(offset).replace(/^\\(?=["\\/])/, '');
            expect(found.charAt(0)).toBe(value.charAt(index));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads numeric escapes as the character they stand for', () => {
    const text = 'sql: "\\u0061\\x62\\U00000063 \\n d"';
    const root = parseDocument(text).contents;
    const scalar = isMap(root) ? root.get('sql', true) : undefined;
    if (!isScalar(scalar)) throw new TypeError('no scalar');
    expect(scalar.value).toBe('abc \n d');
    expect(offsetInScalar(text, scalar, 2)).toBe(text.indexOf('\\U'));
    expect(offsetInScalar(text, scalar, 6)).toBe(text.indexOf('d"'));
  });

  it('stays inside the text for an offset at its end', () => {
    const text = 'sql: |\n  select 1\n';
    const scalar = parseDocument(text).get('sql', true);
    if (!isScalar(scalar)) throw new TypeError('no scalar');
    expect(offsetInScalar(text, scalar, 9)).toBe(text.length - 1);
  });
});
