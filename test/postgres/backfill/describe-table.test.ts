import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeBackfillTable } from '../../../lib/postgres/backfill/describe-table.ts';
import { type Chamber, openChamber } from '../../engine/backfill/lock-chamber.ts';

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber();
});
afterEach(() => chamber.close());

const describeItems = (name = 'items') =>
  describeBackfillTable(chamber.database, { schema: 'public', name });

async function keyOf(definition: string, ...more: readonly string[]): Promise<unknown> {
  await chamber.sql(`create table items (${definition})`);
  for (const statement of more) await chamber.sql(statement);
  const described = await describeItems();
  return described.kind === 'table' ? described.table.key : described.kind;
}

describe('describeBackfillTable', () => {
  it('finds the primary key, its types and everything the strategy asks', async () => {
    // GIVEN
    await chamber.sql(`create table items (
      tenant varchar(20), id bigint, email text, note text, primary key (tenant, id)) with (fillfactor = 70)`);
    await chamber.sql(
      `create index by_lower on items (lower(email)) include (tenant) where note is not null`,
    );
    await chamber.sql(`create index by_note on items using brin (note)`);
    await chamber.sql(`insert into items select 'a', n, n, n from generate_series(1, 1000) n`);
    await chamber.sql('vacuum analyze items');

    // WHEN
    const described = await describeItems();

    // THEN
    expect(described).toEqual({
      kind: 'table',
      table: {
        key: [
          { name: 'tenant', type: 'character varying(20)' },
          { name: 'id', type: 'bigint' },
        ],
        keyIndex: 'items_pkey',
        keyKind: 'hashable',
        keyOrder: 'clustered',
        indexes: [
          expect.objectContaining({ name: 'items_pkey', preventsHot: true, walkable: true }),
          expect.objectContaining({ name: 'by_lower', preventsHot: true, walkable: false }),
          expect.objectContaining({ name: 'by_note', preventsHot: false }),
        ],
        fillfactor: 70,
        estimatedRows: 1000,
        rowsPerPage: expect.any(Number),
        pages: expect.any(Number),
        pageBytes: 8192,
        partitioned: false,
        serverVersion: 18,
        pagesWalkable: true,
      },
    });
    const table = described.kind === 'table' ? described.table : undefined;
    expect([...(table?.indexes[1]?.columns ?? [])].sort()).toEqual(['email', 'note', 'tenant']);
  });

  it('says that statistics are unknown', async () => {
    await chamber.sql('create table items (id uuid primary key)');
    expect(await describeItems()).toMatchObject({
      kind: 'table',
      table: {
        estimatedRows: -1,
        keyOrder: 'scattered',
        keyKind: 'hashable',
        rowsPerPage: undefined,
      },
    });
  });

  it('walks no pages where others belong to the table as well', async () => {
    await chamber.sql('create table items (id uuid primary key)');
    await chamber.sql('create table more_items () inherits (items)');
    expect(await describeItems()).toMatchObject({ table: { pagesWalkable: false } });
  });

  it('adds the partitions of a partitioned table up', async () => {
    await chamber.sql(
      'create table items (id int, day date, primary key (id, day)) partition by range (day)',
    );
    await chamber.sql(
      `create table items_24 partition of items for values from ('2024-01-01') to ('2025-01-01')`,
    );
    await chamber.sql(
      `create table items_25 partition of items for values from ('2025-01-01') to ('2026-01-01')`,
    );
    await chamber.sql(
      `insert into items select n, date '2024-06-01' + n from generate_series(1, 500) n`,
    );
    await chamber.sql('analyze items');
    expect(await describeItems()).toMatchObject({
      table: { partitioned: true, estimatedRows: 500, key: [{ name: 'id' }, { name: 'day' }] },
    });
  });

  it('takes the narrowest unique NOT NULL index when there is no primary key', async () => {
    expect(
      await keyOf(
        'a int not null, b int not null, c int not null, d int',
        'create unique index wide on items (a, b)',
        'create unique index nullable on items (d)',
        'create unique index partial on items (a) where b > 0',
        'create unique index expression on items ((a + 1))',
        'create index plain on items (b)',
        'create unique index narrow on items (c desc)',
      ),
    ).toEqual([{ name: 'c', type: 'integer' }]);
  });

  it.each([
    ['there is no index', 'id int', []],
    ['the unique columns are nullable', 'id int unique', []],
    [
      'the index orders otherwise than the column',
      'id text not null',
      [
        'create unique index on items (id text_pattern_ops)',
        'create unique index on items (id collate "C")',
      ],
    ],
  ])('finds no usable key when %s', async (_, definition, more) => {
    expect(await keyOf(definition, ...more)).toBe('no-usable-key');
  });

  it('knows what is no table, and what is not there', async () => {
    await chamber.sql('create view items as select 1 as id');
    expect(await describeItems()).toEqual({ kind: 'not-a-table', relkind: 'v' });
    expect(await describeItems('nothing')).toEqual({ kind: 'missing' });
  });
});
