import { describe, expect, it } from '@jest/globals';
import { locate } from '../../../lib/core/sql/locate.ts';

describe('locate', () => {
  it('puts a caret under the offset, below up to two lines before it', () => {
    // GIVEN
    const sql = 'select 1;\r\nselect 2;\r\n\tselect 3;\nselec 4';

    // WHEN
    const { line, column, frame } = locate(sql, sql.indexOf('3;'));

    // THEN
    expect([line, column]).toEqual([3, 9]);
    expect(frame).toBe(
      ['1 | select 1;', '2 | select 2;', '3 | \tselect 3;', '  | \t       ^'].join('\n'),
    );
  });

  it('takes an offset outside the text for its nearest end', () => {
    expect(locate('ab', 99)).toMatchObject({ line: 1, column: 3 });
    expect(locate('ab', -1)).toMatchObject({ line: 1, column: 1 });
  });
});
