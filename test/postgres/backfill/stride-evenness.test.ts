import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { strideBy } from '../../../lib/postgres/backfill/stride-evenness.ts';
import { type Chamber, openChamber } from '../../engine/backfill/lock-chamber.ts';

const WALK = {
  table: { schema: 'public', name: 'items' },
  key: [{ name: 'id', type: 'bigint' }],
};

let chamber: Chamber;
beforeAll(async () => {
  chamber = await openChamber('create table items (id bigint primary key)');
});
afterAll(() => chamber.close());

describe('strideBy', () => {
  it.each([
    ['keys in a row', 'n', 'value'],
    ['keys with random gaps', 'n * 7 + n % 3', 'value'],
    ['keys of a sequence that counts by 16', 'n * 16 + 3', 'hash'],
    ['even keys only, twice the share in every other stride', 'n * 2', 'value'],
    ['keys that count by four', 'n * 4', 'hash'],
  ])('deals out %s', async (_, expression, by) => {
    await chamber.sql('truncate items');
    await chamber.sql(`insert into items select ${expression} from generate_series(1, 2000) n`);
    expect(await strideBy(chamber.database, WALK, 'integer', 8)).toBe(by);
  });

  it('hashes what is no integer, and does not look at an empty table', async () => {
    await chamber.sql('truncate items');
    expect(await strideBy(chamber.database, WALK, 'integer', 8)).toBe('value');
    expect(await strideBy(chamber.database, WALK, 'hashable', 8)).toBe('hash');
  });
});
