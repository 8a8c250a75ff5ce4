import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeBackfillTable } from '../../../lib/postgres/backfill/describe-table.ts';
import { rowBytes } from '../../../lib/postgres/backfill/row-bytes.ts';
import { type Chamber, openChamber, stepOf } from './lock-chamber.ts';

const TABLE = { schema: 'public', name: 'items' };
const MB = 1_048_576;
const filled = (expression: string) => ({
  work: { kind: 'update', set: { copy: expression }, where: undefined } as const,
  repeatable: true,
  pacing: { minRows: 100, maxRows: 1_000 },
});

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, body text, copy text)',
    `insert into items select n, 'body ' || n from generate_series(1, 120) n`,
    'analyze items',
  );
});
afterEach(() => chamber.close());

const bytesOf = async (change: Parameters<typeof stepOf>[1]) => {
  const described = await describeBackfillTable(chamber.database, TABLE);
  if (described.kind !== 'table') throw new TypeError(described.kind);
  const step = stepOf([{ name: 'id', type: 'bigint' }], change);
  return await rowBytes(chamber.database, step, described.table);
};
const writtenBy = async (change: Parameters<typeof stepOf>[1]) => (await bytesOf(change)).written;

describe('a backfill of wide values', () => {
  it('moves no more rows in a batch than their bytes allow, from the first one on', async () => {
    // WHEN each row gets a value of a megabyte
    const step = await chamber.step(filled(`repeat('x', ${MB})`));
    const outcome = await chamber.slice(step);

    // THEN 16 MB are 15 rows, although a batch should have a hundred
    expect(outcome).toMatchObject({ kind: 'done', rows: 120 });
    const batches = chamber.reports.at(-1)?.batches ?? [];
    expect(batches.map(({ rows }) => rows)).toEqual([15, 15, 15, 15, 15, 15, 15, 15]);
    expect(chamber.reports[0]?.note).toContain('never more than 15 rows, as one writes about 1MB');
  });

  it('has as many bytes as the migration allows', async () => {
    const { pacing, ...rest } = filled(`repeat('x', ${MB})`);
    const step = await chamber.step({ ...rest, pacing: { ...pacing, maxBytes: 50 * MB } });
    await chamber.slice(step);
    expect(chamber.reports.at(-1)?.batches?.map(({ rows }) => rows)).toEqual([49, 49, 22]);
  });
});

describe('the bytes that a row writes', () => {
  it('are those of the row and of its new values', async () => {
    const plain = await writtenBy(filled('null'));
    expect(plain).toBeGreaterThan(30);
    expect(plain).toBeLessThan(100);
    expect(await writtenBy(filled(`repeat('x', 5000)`))).toBeCloseTo((plain ?? 0) + 5_004, 0);
  });

  it('do not include an old value that is stored out of line and stays there', async () => {
    await chamber.sql('alter table items alter column body set storage external');
    await chamber.sql(`update items set body = repeat('y', 100000)`);
    await chamber.sql('vacuum full analyze items');
    expect(await writtenBy(filled('id::text'))).toBeLessThan(200);
    expect(await writtenBy(filled('lower(body)'))).toBeGreaterThan(100_000);
  });

  it('are those of the row alone where a value cannot be computed twice, or at all', async () => {
    const plain = await writtenBy(filled('null'));
    expect(await writtenBy({ ...filled(`repeat('x', 5000)`), repeatable: false })).toBe(plain);
    expect(await writtenBy(filled('(1 / (id - id))::text'))).toBe(plain);
  });

  it('tell by how much a row becomes longer, or shorter', async () => {
    expect(await bytesOf(filled(`repeat('x', 100)`))).toMatchObject({ growth: 104 });
    await chamber.sql(`update items set copy = repeat('y', 60)`);
    expect(await bytesOf(filled(`repeat('x', 100)`))).toMatchObject({ growth: 43 });
    expect(await bytesOf(filled('null'))).toMatchObject({ growth: -61 });
    expect(await bytesOf({ ...filled('null'), repeatable: false })).toMatchObject({
      growth: undefined,
    });
  });
});
