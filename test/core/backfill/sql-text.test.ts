import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoff } from '../../../lib/core/backfill/backoff.ts';
import { describeKey, keyKindOf, keyTexts } from '../../../lib/core/backfill/key.ts';
import { rangePredicate, strideExpression } from '../../../lib/core/backfill/range.ts';
import {
  quoteIdentifier,
  quoteLiteral,
  quoteQualified,
  storedName,
} from '../../../lib/core/backfill/sql-text.ts';
import { bindNamed } from '../../../lib/postgres/named-parameters.ts';

describe('SQL texts', () => {
  it('keep every literal closed: nothing in it is read as a parameter or ends it', () => {
    const nasty = fc.string({
      unit: fc.constantFrom("'", '\\', '"', ':a', '--', '/*', '$$', ' ', 'E', '\n'),
    });
    fc.assert(
      fc.property(nasty, (text) => {
        const { order } = bindNamed(`select ${quoteLiteral(text)}, :after`, ['a', 'after']);
        expect(order).toEqual(['after']);
      }),
    );
  });

  it('quote names, and read names that a migration quoted', () => {
    expect(quoteIdentifier('Order "No"')).toBe('"Order ""No"""');
    expect(quoteQualified({ schema: 'public', name: 'order' })).toBe('"public"."order"');
    expect(storedName('"Order ""No"""')).toBe('Order "No"');
    expect(storedName('total')).toBe('total');
  });

  it('write a range as literals, a composite key as a row comparison', () => {
    const tenant = { name: 'tenant', type: 'text' };
    const id = { name: 'id', type: 'bigint' };
    expect(
      rangePredicate([id], 't', {
        after: ['7'],
        through: ['12'],
        stride: { modulus: 8, index: 3, by: 'value' },
      }),
    ).toBe(`("t"."id" > '7'::bigint and "t"."id" <= '12'::bigint and ("t"."id" & 7) = 3)`);
    expect(
      rangePredicate([tenant, id], 't', {
        after: undefined,
        through: ["a'b", '5'],
        stride: undefined,
      }),
    ).toBe(`(("t"."tenant", "t"."id") <= ('a''b'::text, '5'::bigint))`);
  });

  it('deal rows out by a hash that is the same in every session', () => {
    const by = { modulus: 8, by: 'hash' } as const;
    const id = { name: 'id', type: 'bigint' };
    const day = { name: 'day', type: 'date' };
    expect(strideExpression([id], 't', by)).toBe('hashint8extended("t"."id", 0) & 7');
    expect(strideExpression([id, day], 't', by)).toBe(
      'hash_record_extended(row("t"."id", "t"."day"), 0) & 7',
    );
  });

  it('print dates in a form that every session reads alike', () => {
    expect(keyTexts([{ name: 'day', type: 'date' }], 't')).toEqual([
      `(to_json("t"."day") #>> '{}')`,
    ]);
    expect(keyTexts([{ name: 'id', type: 'uuid' }], 't')).toEqual([`"t"."id"::text`]);
  });

  it('name a row as PostgreSQL does, and know what can be dealt out', () => {
    const key = [
      { name: 'tenant', type: 'text' },
      { name: 'id', type: 'bigint' },
    ];
    expect(describeKey(key, ['a', '7'])).toBe('(tenant, id)=(a, 7)');
    expect(keyKindOf(key, true)).toBe('hashable');
    expect(keyKindOf(key.slice(1), true)).toBe('integer');
    expect(keyKindOf(key, false)).toBe('unhashable');
  });
});

describe('backoff', () => {
  it('doubles from 50 ms to 6.4 s, half of it by chance', () => {
    expect(backoff(1, 0)).toBe(25);
    expect(backoff(8, 0.999_999)).toBe(6_400);
    expect(backoff(30, 0.5)).toBe(4_800);
  });
});
