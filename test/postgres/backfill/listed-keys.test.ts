import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type KeyRange,
  listedPredicate,
  rangePredicate,
} from '../../../lib/core/backfill/range.ts';
import { batchStatement } from '../../../lib/postgres/backfill/batch-statement.ts';
import { prepareWork } from '../../../lib/postgres/backfill/work.ts';
import { type Chamber, fenceOf, openChamber, stepOf } from '../../engine/backfill/lock-chamber.ts';

const KEY = [{ name: 'id', type: 'bigint' }] as const;
const noParser = () => Promise.reject(new TypeError('not needed'));

let chamber: Chamber;
beforeAll(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, moved int default 0)',
    `insert into items select n from generate_series(-300, 300) n where n % 7 <> 0
     union all values (-9223372036854775808), (9223372036854775807)`,
    'create table small (id smallint primary key)',
    'insert into small select generate_series(-32768, 32767, 3)',
  );
});
afterAll(() => chamber.close());

const stride = (modulus: number, index: number) => ({ modulus, index, by: 'value' }) as const;
const SHARES = [5, 3, 2, 1];
const unequal = (index: number) => ({ ...stride(SHARES.length, index), shares: SHARES });
const count = async (table: string, where: string) =>
  (await chamber.sql(`select count(*)::int, sum(id)::text from ${table} where ${where}`))[0];

describe('the list of the keys of a stride', () => {
  it('selects the rows that the condition of the stride selects', async () => {
    const ranges = fc.record({
      after: fc.integer({ min: -320, max: 320 }),
      length: fc.integer({ min: 1, max: 200 }),
      dealt: fc.oneof(
        fc.nat({ max: 3 }).map(unequal),
        fc
          .tuple(fc.constantFrom(4, 8, 16), fc.nat({ max: 15 }))
          .map(([modulus, index]) => stride(modulus, index % modulus)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(ranges, async ({ after, length, dealt }) => {
        const range: KeyRange = {
          after: [String(after)],
          through: [String(after + length)],
          stride: dealt,
        };
        const listed = listedPredicate(KEY, 'items', range, length);
        expect(await count('items', listed ?? '')).toEqual(
          await count('items', rangePredicate(KEY, 'items', range)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('reaches the first and the last number of its type', async () => {
    const type = [{ name: 'id', type: 'smallint' }];
    const whole = { after: ['-32768'], through: ['32767'], stride: stride(8, 3) } as const;
    expect(await count('small', listedPredicate(type, 'small', whole, 4_096) ?? '')).toEqual(
      await count('small', rangePredicate(type, 'small', whole)),
    );
    const share = { ...whole, stride: unequal(1) };
    expect(await count('small', listedPredicate(type, 'small', share, 6_000) ?? '')).toEqual(
      await count('small', rangePredicate(type, 'small', share)),
    );
    const end = { after: ['9223372036854775700'], through: ['9223372036854775807'] } as const;
    const listed = listedPredicate(KEY, 'items', { ...end, stride: stride(8, 7) }, 16);
    expect(await count('items', listed ?? '')).toMatchObject({ count: 1 });
  });

  it('deals out every key of unequal strides once, at the ends of the type by their condition', async () => {
    const counts = async (after: string, through: string) => {
      const ranges = [0, 1, 2, 3].map((index) => ({
        after: [after],
        through: [through],
        stride: unequal(index),
      }));
      const found = ranges.map(async (range) => {
        const rows = listedPredicate(KEY, 'items', range, 100);
        return Number(
          (await count('items', rows ?? rangePredicate(KEY, 'items', range)))?.['count'],
        );
      });
      return (await Promise.all(found)).reduce((sum, each) => sum + each, 0);
    };
    expect(await counts('-301', '300')).toBe(516);
    expect(await counts('9223372036854775700', '9223372036854775807')).toBe(1);
    expect(await counts('-9223372036854775808', '-9223372036854775700')).toBe(0);
  });

  it('is not made where it has no beginning, no numbers, or far more of them than rows', () => {
    const range: KeyRange = { after: ['0'], through: ['80000'], stride: stride(8, 1) };
    expect(listedPredicate(KEY, 't', range, 10_000)).toBeDefined();
    expect(listedPredicate(KEY, 't', range, 2_000)).toBeUndefined();
    expect(listedPredicate(KEY, 't', { ...range, after: undefined }, 10_000)).toBeUndefined();
    expect(listedPredicate(KEY, 't', { ...range, stride: undefined }, 10_000)).toBeUndefined();
    const byHash = { modulus: 8, index: 1, by: 'hash' } as const;
    expect(listedPredicate(KEY, 't', { ...range, stride: byHash }, 10_000)).toBeUndefined();
    const text = [{ name: 'id', type: 'text' }];
    expect(listedPredicate(text, 't', range, 10_000)).toBeUndefined();
  });

  it('is gone through in few descents of the index', async () => {
    const range = { after: ['-300'], through: ['300'], stride: stride(8, 5) };
    const listed = listedPredicate(KEY, 'items', range, 64);
    await chamber.sql('analyze items');
    await chamber.sql('set enable_seqscan = off; set enable_bitmapscan = off');
    const lines = await chamber.sql(
      `explain (analyze, costs off, timing off) select from items where ${listed}`,
    );
    const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Cond: .*ANY/);
    expect(Number(/Index Searches: (\d+)/.exec(plan)?.[1])).toBeLessThan(10);
    await chamber.sql('reset enable_seqscan; reset enable_bitmapscan');
  });
});

describe('batchStatement', () => {
  const claim = { fence: fenceOf(1), stepId: stepOf(KEY).stepId, part: 0, revision: '0' };
  const batch = {
    range: { after: ['8'], through: ['808'], stride: stride(8, 1) },
    keys: 100,
    remainder: false,
    next: { kind: 'between', after: ['808'] },
  } as const;
  const options = {
    next: batch.next,
    lockTimeoutMs: 100,
    batchRows: 100,
    listsKeys: true,
  };
  const textOf = async (where: string | undefined, more: object = {}) => {
    const step = stepOf(KEY, { work: { kind: 'update', set: { moved: '1' }, where } });
    const prepared = await prepareWork(step, noParser);
    if (prepared.kind !== 'prepared') throw new TypeError(prepared.reason);
    return batchStatement(step, prepared.work, batch, claim, { ...options, ...more });
  };

  it('lists keys where the server goes through a list in one scan', async () => {
    expect(await textOf(undefined)).toContain('= any (array(select generate_series(');
    expect(await textOf('moved = 0')).toContain('= any (array(select generate_series(');
    expect(await textOf(undefined, { listsKeys: false })).toContain('& 7) = 1');
  });

  it('does not where the planner would choose a join by how many keys it takes a list for', async () => {
    const joined = 'exists (select from prices p where p.item_id = items.id)';
    expect(await textOf(joined)).toContain('& 7) = 1');
    expect(await textOf(undefined, { pending: 'moved = 0' })).toContain('& 7) = 1');
  });
});
