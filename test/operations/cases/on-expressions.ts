import type { OperationCase } from '../operation-case.ts';
import { insertInto, SHAPES } from '../shapes.ts';

/** What `up` and `down` may say. */

const { plain } = SHAPES;
const everyday = {
  old: [
    { sql: insertInto(plain, { txt: `'w' || :n` }) },
    { sql: `update items set txt = txt || '!' where num = :n - 1` },
  ],
  new: [{ sql: insertInto(plain, { txt: `'new ' || :n` }, { offset: 100_000 }) }],
};

/** Nobody can say later what it was. */
const DRAWN: OperationCase = {
  name: 'alter_column unique: up draws lots',
  schema: plain.schema,
  operations: [
    {
      alter_column: {
        table: 'items',
        column: 'txt',
        unique: { name: 'txt_once' },
        up: `txt || '-' || (random() * 1000000000)::bigint`,
        down: 'txt',
      },
    },
  ],
  plain: `alter table items add constraint txt_once unique (txt)`,
  traffic: everyday,
  newFrom: 'contract',
  unpredictable: ['txt'],
};

/** A role that may use single columns only; one that every server has. */
const READER = 'set local role pg_monitor';
const guarded = `${plain.schema};
  grant select (id, num, txt), insert (id, num, txt), update (txt) on items to pg_monitor;
  grant select (txt) on items to public;
  comment on table items is 'it''s what we sell'; comment on column items.txt is 'for people'`;
const asReader = {
  old: [
    { sql: `${READER}; ${insertInto(plain, { txt: `'w' || :n` })}` },
    { sql: `${READER}; update items set txt = txt || '!' where num = :n - 1` },
  ],
  new: [{ sql: `${READER}; ${insertInto(plain, { txt: `'new ' || :n` }, { offset: 100_000 })}` }],
};
const OF_COLUMNS: readonly OperationCase[] = [false, true].map((versioned) => ({
  name: `alter_column type: grants on single columns${versioned ? ', versioned' : ''}`,
  schema: guarded,
  operations: [
    {
      alter_column: {
        table: 'items',
        column: 'txt',
        type: 'varchar(90)',
        up: 'left(txt, 90)',
        down: 'txt',
      },
    },
  ],
  plain: 'alter table items alter column txt type varchar(90) using left(txt, 90)',
  traffic: asReader,
  newFrom: versioned ? 'expand' : 'contract',
  versioned,
}));

/** The table gets this name at contract; the views have it from expand on. */
const OTHER_TABLE: OperationCase = {
  name: 'alter_column: down reads a column that is called so in the views of the version alone',
  schema: `${plain.schema};
    create table rates (id integer primary key, pct integer not null, "Since" text);
    insert into rates select i, i * 10, 'long' from generate_series(0, 2) i`,
  operations: [
    { rename_column: { table: 'rates', from: 'pct', to: 'percent' } },
    {
      alter_column: {
        table: 'items',
        column: 'txt',
        type: 'varchar(90)',
        up: `with rates as (select 1) select left(txt, 90) from rates, public.rates as r where r.id = 0`,
        down: 'select case when exists (select from rates where rates.percent = 10) then txt end',
      },
    },
  ],
  versioned: true,
  plain: `alter table rates rename column pct to percent;
    alter table items alter column txt type varchar(90) using left(txt, 90)`,
  traffic: {
    old: everyday.old,
    new: [
      { sql: insertInto(plain, { txt: `'new ' || :n` }, { offset: 100_000 }) },
      { sql: `update items set txt = 'newer ' || :n where num = 100000 + :n` },
    ],
  },
};

/** The old application writes past a temporary table that has the name of the other one. */
const TEMPORARY: OperationCase = {
  name: 'add_column: up reads another table, and a temporary one has its name',
  schema: `${plain.schema};
    create table rates (id integer primary key, pct integer not null);
    insert into rates select i, i * 10 from generate_series(0, 2) i`,
  operations: [
    {
      add_column: {
        table: 'items',
        column: { name: 'rate', type: 'integer', nullable: true },
        up: 'select pct from rates where id = num % 3',
      },
    },
  ],
  plain: 'alter table items add column rate integer; update items set rate = num % 3 * 10',
  plainIs: 'behind',
  traffic: {
    old: [
      {
        sql: `create temporary table if not exists rates (id integer, pct integer); ${insertInto(plain, { txt: `'w' || :n` })}`,
        other: insertInto(plain, { txt: `'w' || :n` }),
      },
    ],
    new: [],
  },
};

/** The sequence goes along, or it would be dropped with the old column. */
const OF_SERIAL: readonly OperationCase[] = ['id::bigint', 'id'].map((up) => ({
  name: `alter_column type: a serial key becomes bigint, up: ${up}`,
  schema: `create table bills (id serial primary key, note text);
    insert into bills (note) select 'note ' || i from generate_series(1, 30) i; analyze bills`,
  operations: [
    { alter_column: { table: 'bills', column: 'id', type: 'bigint', up, down: 'id::integer' } },
  ],
  plain: 'alter table bills alter column id type bigint',
  traffic: {
    old: [
      { sql: `insert into bills (note) values ('old ' || :n)` },
      { sql: `insert into bills (id, note) values (:n + 5000, 'given ' || :n)` },
    ],
    new: [{ sql: `insert into bills (note) values ('new ' || :n)` }],
  },
  newFrom: 'contract',
  // The old column keeps its default until finalize, so that an INSERT takes two numbers.
  unpredictable: ['id'],
}));

export const EXPRESSION_CASES: readonly OperationCase[] = [
  DRAWN,
  ...OF_COLUMNS,
  OTHER_TABLE,
  TEMPORARY,
  ...OF_SERIAL,
];
