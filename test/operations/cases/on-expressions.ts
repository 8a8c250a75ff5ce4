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

export const EXPRESSION_CASES: readonly OperationCase[] = [DRAWN];
