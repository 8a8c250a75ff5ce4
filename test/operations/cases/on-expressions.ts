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

export const EXPRESSION_CASES: readonly OperationCase[] = [DRAWN, ...OF_COLUMNS];
