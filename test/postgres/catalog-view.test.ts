import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogView } from '../../lib/core/sql/catalog.ts';
import { namedObjects } from '../../lib/core/sql/named-objects.ts';
import { loadParser, type SqlParser } from '../../lib/core/sql/parser.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { readCatalogView } from '../../lib/postgres/catalog-view.ts';
import { statementsOf } from '../core/sql/statements.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const SETUP = `
  create schema archive;
  create table customers (id bigint primary key, email varchar(50) not null);
  create table archive.customers (id bigint, gone boolean);
  create table orders (id bigint primary key, customer bigint, note text);
  alter table orders
    add constraint orders_customer foreign key (customer) references customers not valid;
  create index orders_note on orders (lower(note)) where customer > 0;
  create table archive.copies (order_id bigint references orders);
  create view readable as select id, note from orders;
  create view outer_view as select r.id from readable r join archive.customers c on c.id = r.id;
  create table events (at date, k int) partition by range (at);
  create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01')
    partition by list (k);
  create table events_2025_1 partition of events_2025 for values in (1);
  create table events_other partition of events default;
  create domain positive as int check (value > 0);
  create domain archive.small as positive;
  create table measured (a archive.small, b positive);
  create function twice(int) returns int language sql immutable as 'select $1 * 2';
  create function twice(text) returns text language plpgsql volatile as 'begin return $1; end';
  create table "Weird Name" ("a:b" int);
  insert into customers select i, i from generate_series(1, 50) i;
  analyze customers`;

let database: TestDatabase;
let session: Database;
let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
  database = await freshDatabase();
  await database.pool().query(SETUP);
  session = pgDatabase({ url: database.url, connections: 1 });
});
afterAll(async () => {
  await session.close();
  await database.drop();
});

function viewOf(sql: string): Promise<CatalogView> {
  return readCatalogView(session, namedObjects(statementsOf(parser, sql).map(({ node }) => node)));
}

const bare = (name: string) => ({ schema: undefined, name });
const archived = (name: string) => ({ schema: 'archive', name });

describe('readCatalogView', () => {
  it('tells tables of one name in two schemas apart', async () => {
    // WHEN
    const view = await viewOf('insert into archive.customers select id from customers');

    // THEN
    expect(view.relation(bare('customers'))?.columns).toEqual([
      { name: 'id', type: 'bigint', notNull: true },
      { name: 'email', type: 'character varying(50)', notNull: true },
    ]);
    expect(view.relation(bare('customers'))?.estimatedRows).toBe(50);
    expect(view.relation({ schema: 'public', name: 'customers' })?.name).toEqual(bare('customers'));
    expect(view.relation(archived('customers'))?.name).toEqual(archived('customers'));
    expect(view.relation(archived('customers'))?.estimatedRows).toBe(-1);
  });

  it('knows keys, indexes and who references whom', async () => {
    // WHEN
    const orders = (await viewOf('alter table orders drop column note')).relation(bare('orders'));

    // THEN
    expect(orders?.referencedBy).toEqual([archived('copies')]);
    expect(orders?.constraints).toContainEqual({
      name: 'orders_customer',
      kind: 'foreign-key',
      columns: ['customer'],
      definition: 'FOREIGN KEY (customer) REFERENCES customers(id) NOT VALID',
      validated: false,
      references: bare('customers'),
    });
    expect(orders?.indexes).toEqual([
      { name: bare('orders_note'), unique: false, columns: ['customer', 'note'] },
      { name: bare('orders_pkey'), unique: true, columns: ['id'] },
    ]);
  });

  it('finds the table of an index, and what that table is', async () => {
    const view = await viewOf('drop index concurrently orders_note');
    expect(view.relation(bare('orders_note'))).toMatchObject({
      kind: 'index',
      table: bare('orders'),
    });
    expect(view.relation(bare('orders'))?.kind).toBe('table');
  });

  it('follows partitions to every depth and names the default one', async () => {
    // WHEN
    const view = await viewOf('alter table events add column note text');

    // THEN
    const events = view.relation(bare('events'));
    expect(events?.kind).toBe('partitioned-table');
    expect(events?.partitioning).toEqual({ key: ['at'], defaultPartition: bare('events_other') });
    expect(events?.children).toEqual(
      ['events_2025', 'events_2025_1', 'events_other'].map((name) => bare(name)),
    );
    expect(view.relation(bare('events_2025_1'))?.columns.map(({ name }) => name)).toEqual([
      'at',
      'k',
    ]);
  });

  it('resolves a view to the tables that it reads', async () => {
    const view = await viewOf('create materialized view m as select * from outer_view');
    expect(view.relation(bare('outer_view'))?.reads).toEqual([
      archived('customers'),
      bare('orders'),
    ]);
  });

  it('knows a domain by its bases and by everybody who uses it', async () => {
    const view = await viewOf(
      'alter table orders add s archive.small; alter domain positive set not null',
    );
    expect(view.type(archived('small'))).toEqual({
      kind: 'domain',
      constrained: true,
      usedBy: [bare('measured')],
    });
    expect(view.type(bare('positive'))?.usedBy).toEqual([bare('measured')]);
    expect(view.type(bare('small'))).toBeUndefined();
  });

  it('takes the most volatile function of a name', async () => {
    const view = await viewOf(
      'alter table orders add x int default twice(1) + abs(1), add y timestamptz default now()',
    );
    expect(view.volatility(bare('twice'))).toBe('volatile');
    expect(view.volatility(bare('abs'))).toBe('immutable');
    expect(view.volatility(bare('now'))).toBe('stable');
    expect(view.volatility(bare('random'))).toBeUndefined();
  });

  it('finds names that must be quoted, and nothing for names that nobody has', async () => {
    const view = await viewOf(`comment on column "Weird Name"."a:b" is 'x'; drop table nobody`);
    expect(view.relation(bare('Weird Name'))?.columns[0]?.name).toBe('a:b');
    expect(view.relation(bare('nobody'))).toBeUndefined();
  });

  it('asks nothing when nothing is named', async () => {
    const view = await viewOf('select 1');
    expect(view.relation(bare('orders'))).toBeUndefined();
  });
});
