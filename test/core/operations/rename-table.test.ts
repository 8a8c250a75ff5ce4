import { beforeAll, describe, expect, it } from '@jest/globals';
import { renameTable } from '../../../lib/core/operations/rename-table.ts';
import { findTable } from '../../../lib/core/operations/schema-model.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import {
  acts,
  columnOf,
  contextOf,
  lowerTo,
  modelOf,
  refusalOf,
  tableOf,
  undos,
} from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const customers = tableOf('customers', ['Name'], {
  grants: [{ grantee: 'app', privilege: 'INSERT' }],
});
const names = { from: 'customers', to: 'clients' };
const view = (name: string, table: string) => [
  `create view ${name} with (security_invoker = true) as select id, "Name" from ${table}`,
  `grant insert on ${name} to app`,
];

describe('rename_table', () => {
  it('WHEN a table is renamed THEN a view has the other name until finalize', () => {
    const lowered = lowerTo(renameTable, names, contextOf(parser, modelOf([customers])));

    expect(acts(lowered, 'expand')).toEqual(view('clients', 'customers'));
    expect(undos(lowered, 'expand')).toEqual(['drop view clients']);
    expect(lowered.contract).toHaveLength(1);
    expect(acts(lowered, 'contract')).toEqual([
      'drop view clients',
      'alter table customers rename to clients',
      ...view('customers', 'clients'),
    ]);
    expect(undos(lowered, 'contract')).toEqual([
      'drop view customers',
      'alter table clients rename to customers',
      ...view('clients', 'customers'),
    ]);
    expect(acts(lowered, 'finalize')).toEqual(['drop view customers']);
  });

  it('WHEN it is renamed THEN later operations and other tables know it by the new name', () => {
    const orders = tableOf('orders', [], {
      constraints: [
        {
          name: 'fk',
          kind: 'foreign-key',
          columns: ['id'],
          definition: '',
          validated: true,
          references: { schema: 'public', name: 'customers' },
        },
      ],
    });
    const { after } = lowerTo(renameTable, names, contextOf(parser, modelOf([customers, orders])));
    expect(findTable(after, { schema: undefined, name: 'clients' })?.physicalName).toBe(
      'customers',
    );
    expect(after.tables[1]?.constraints[0]?.references?.name).toBe('clients');
  });

  it('GIVEN a versioned schema THEN its views have the new name, and contract only renames', () => {
    const context = contextOf(parser, modelOf([customers]), { versionSchema: 'public_0001_test' });
    const lowered = lowerTo(renameTable, names, context);
    expect(lowered.expand).toBeUndefined();
    expect(acts(lowered, 'contract')).toEqual(['alter table customers rename to clients']);
    expect(undos(lowered, 'contract')).toEqual(['alter table clients rename to customers']);
    expect(lowered.finalize).toBeUndefined();
  });

  it('GIVEN a table that this migration made THEN it has its new name at once', () => {
    const model = modelOf([tableOf('customers', [], { isNew: true })]);
    const lowered = lowerTo(renameTable, names, contextOf(parser, model));
    expect(acts(lowered, 'expand')).toEqual(['alter table customers rename to clients']);
    expect(lowered.after.tables.map(({ physicalName }) => physicalName)).toEqual(['clients']);
  });

  it('GIVEN PostgreSQL 14 THEN the view has no security_invoker, and a table with row security is refused', () => {
    const old = { serverVersion: 14 };
    const lowered = lowerTo(
      renameTable,
      names,
      contextOf(parser, modelOf([tableOf('customers')], old)),
    );
    expect(acts(lowered, 'expand')).toEqual(['create view clients as select id from customers']);
    const secured = modelOf([tableOf('customers', [], { rowSecurity: true })], old);
    expect(refusalOf(renameTable, names, contextOf(parser, secured)).why).toContain(
      'would show every row',
    );
  });

  it.each([
    [{ from: 'nobody', to: 'clients' }, 'there is no table nobody', ['from']],
    [{ from: 'customers', to: 'taken' }, 'there is a table public.taken already', ['to']],
    [
      { from: 'customers', to: 'billing.clients' },
      'rename_table cannot move customers to the schema billing',
      ['to'],
    ],
    [
      { from: 'moving', to: 'moved' },
      expect.stringContaining('changes columns of moving as well'),
      ['from'],
    ],
    [{ from: 'second', to: 'third' }, 'this migration renames the table first already', ['from']],
  ])('WHEN %j is declared THEN it is refused: %s', (declared, why, path) => {
    const tables = [
      customers,
      tableOf('taken'),
      tableOf('moving', [], {
        columns: [columnOf('c', { physicalName: 'c_lk_new', changed: true })],
      }),
      tableOf('second', [], { physicalName: 'first' }),
    ];
    const refusal = refusalOf(renameTable, declared, contextOf(parser, modelOf(tables)));
    expect(refusal.why).toEqual(why);
    expect(refusal.path).toEqual(path);
  });
});
