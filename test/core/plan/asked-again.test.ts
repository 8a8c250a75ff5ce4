import { beforeAll, describe, expect, it } from '@jest/globals';
import { isRepeatable } from '../../../lib/core/plan/asked-again.ts';
import { type ClassifyContext, NOTHING_EARLIER } from '../../../lib/core/sql/catalog.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';

let context: ClassifyContext;
beforeAll(async () => {
  context = {
    parser: await loadParser(),
    serverVersion: 18,
    timeZoneUtc: true,
    catalog: undefined,
    earlier: NOTHING_EARLIER,
  };
});

const update = (set: Readonly<Record<string, string>>, where?: string) =>
  isRepeatable({ kind: 'update', set, where }, context);

describe('isRepeatable', () => {
  it('is what can be computed again and compared', () => {
    expect(update({ cents: 'round(total * 100)' })).toBe(true);
    expect(update({ cents: 'round(total * 100)' }, 'cents is null')).toBe(true);
  });

  it('is what has the mark of an operation', () => {
    expect(update({ made: 'now()', lk_pending: 'false' }, 'lk_pending')).toBe(true);
  });

  it.each([
    ['draws lots', { code: 'gen_random_uuid()' }, undefined],
    ['reads the clock', { seen: 'now()' }, undefined],
    ['reads what it sets', { moved: 'moved + 1' }, undefined],
    ['selects by chance', { cents: 'total' }, 'random() < 0.5'],
  ])('is not what %s', (_, set, where) => {
    expect(update(set, where)).toBe(false);
  });

  it('is not SQL of which only its author knows what it leaves behind', () => {
    const sql = 'update items i set cents = total where :range';
    expect(isRepeatable({ kind: 'sql', sql, alias: 'i' }, context)).toBe(false);
  });
});
