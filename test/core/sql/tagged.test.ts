import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { tagged } from '../../../lib/core/sql/tagged.ts';
import { statementsOf } from './statements.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

describe('tagged', () => {
  it('prefixes a comment', () => {
    expect(tagged('select 1', '0002_add_billing-k3x9/add_total')).toBe(
      '/* lockkeeper:0002_add_billing-k3x9/add_total */ select 1',
    );
  });

  it('leaves the statement as it was, whatever is in the tag', () => {
    const tag = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('*', '/', 'a', '\n')).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(tag, (text) => {
        expect(statementsOf(parser, tagged('select 1', text)).map((each) => each.text)).toEqual([
          'select 1',
        ]);
      }),
    );
  });
});
