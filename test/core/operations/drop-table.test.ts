import { beforeAll, describe, expect, it } from '@jest/globals';
import { dropTable } from '../../../lib/core/operations/drop-table.ts';
import type { DependentModel } from '../../../lib/core/operations/schema-model.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { acts, contextOf, lowerTo, modelOf, refusalOf, tableOf, undos } from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const name = (table: string) => ({ schema: 'public', name: table });
const foreignKey = (key: string, table: string) =>
  ({
    name: key,
    kind: 'foreign-key',
    columns: ['id'],
    definition: '',
    validated: true,
    references: name(table),
  }) as const;
const view = (schema: string): DependentModel => ({
  kind: 'view',
  name: 'view totals',
  relation: { schema, name: 'totals' },
  definition: 'select 1',
  columns: ['id'],
});

describe('drop_table', () => {
  it('WHEN a table is dropped THEN contract takes its name, finalize its rows', () => {
    const orders = tableOf('Orders', [], { schema: 'billing' });
    const lowered = lowerTo(
      dropTable,
      { name: 'billing.Orders' },
      contextOf(parser, modelOf([orders])),
    );
    expect(lowered.expand).toBeUndefined();
    expect(acts(lowered, 'contract')).toEqual([
      'alter table billing."Orders" rename to "Orders_lk_old"',
    ]);
    expect(undos(lowered, 'contract')).toEqual([
      'alter table billing."Orders_lk_old" rename to "Orders"',
    ]);
    expect(acts(lowered, 'finalize')).toEqual(['drop table billing."Orders_lk_old"']);
    expect(lowered.after.tables).toEqual([]);
  });

  it('GIVEN foreign keys to several tables THEN finalize drops them one by one before the table', () => {
    const keys = [
      foreignKey('a_fk', 'a'),
      foreignKey('b_fk', 'b'),
      foreignKey('self_fk', 'orders'),
    ];
    const orders = tableOf('orders', [], { constraints: keys });
    const lowered = lowerTo(dropTable, { name: 'orders' }, contextOf(parser, modelOf([orders])));
    expect(acts(lowered, 'finalize')).toEqual([
      'alter table orders_lk_old drop constraint a_fk',
      'alter table orders_lk_old drop constraint b_fk',
      'drop table orders_lk_old',
    ]);
  });

  it('GIVEN a table that references another, WHEN both are dropped in this order THEN nothing is in the way', () => {
    const customers = tableOf('customers', [], {
      referencedBy: [{ table: name('orders'), constraint: 'fk', columns: ['id'] }],
    });
    const orders = tableOf('orders', [], { constraints: [foreignKey('fk', 'customers')] });
    const model = modelOf([customers, orders]);
    expect(refusalOf(dropTable, { name: 'customers' }, contextOf(parser, model))).toMatchObject({
      why: 'foreign keys point to customers: fk of public.orders',
      fix: expect.stringContaining('drop_constraint'),
    });
    const { after } = lowerTo(dropTable, { name: 'orders' }, contextOf(parser, model));
    lowerTo(dropTable, { name: 'customers' }, contextOf(parser, after));
  });

  it('GIVEN the views of a version that we made THEN they are not in the way', () => {
    const t = tableOf('t', [], { dependents: [view('public_v1')] });
    const versions = [{ schema: 'public_v1', of: 'public', views: ['t'] }];
    lowerTo(dropTable, { name: 't' }, contextOf(parser, modelOf([t], { versions })));
  });

  it.each([
    [tableOf('other'), 'there is no table t'],
    [tableOf('t', [], { isNew: true }), 'this migration creates the table t itself'],
    [
      tableOf('t', [], { partitionOf: name('all') }),
      't is a partition of public."all", where its rows stay visible under any name',
    ],
    [
      tableOf('t', [], { dependents: [view('public')] }),
      'view totals would go on reading the rows of t',
    ],
  ])('GIVEN %j THEN it is refused: %s', (table, why) => {
    const refusal = refusalOf(dropTable, { name: 't' }, contextOf(parser, modelOf([table])));
    expect(refusal.why).toBe(why);
    expect(refusal.path).toEqual(['name']);
  });
});
