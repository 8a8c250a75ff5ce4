import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTable } from '../../../lib/core/operations/create-table.ts';
import { findTable } from '../../../lib/core/operations/schema-model.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { acts, contextOf, lowerTo, modelOf, refusalOf, tableOf, undos } from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const id = { name: 'id', type: 'serial', pk: true };
const users = tableOf('users');
const context = () => contextOf(parser, modelOf([users]));

describe('create_table', () => {
  it('GIVEN columns with keys and constraints THEN one statement makes the table, and one drops it', () => {
    const lowered = lowerTo(
      createTable,
      {
        name: 'Orders',
        columns: [
          id,
          {
            name: 'user',
            type: 'int',
            references: { name: 'fk', table: 'users', column: 'id', on_delete: 'CASCADE' },
          },
          {
            name: 'code',
            type: 'text',
            unique: true,
            nullable: true,
            check: { name: 'code_length', constraint: 'length(code) > 3' },
          },
        ],
        constraints: [
          {
            name: 'pair',
            type: 'unique',
            columns: ['user', 'code'],
            nulls_not_distinct: true,
            deferrable: true,
            index_parameters: { include_columns: ['id'], storage_parameters: 'fillfactor = 70' },
          },
        ],
      },
      context(),
    );

    expect(acts(lowered, 'expand')).toEqual([
      [
        'create table "Orders" (',
        '  id serial not null,',
        '  "user" int not null,',
        '  code text,',
        '  constraint "Orders_pkey" primary key (id),',
        '  constraint fk foreign key ("user") references users (id) on delete cascade,',
        '  constraint "Orders_code_key" unique (code),',
        '  constraint code_length check (length(code) > 3),',
        '  constraint pair unique nulls not distinct ("user", code) include (id) with (fillfactor = 70) deferrable initially immediate',
        ')',
      ].join('\n'),
    ]);
    expect(undos(lowered, 'expand')).toEqual(['drop table "Orders"']);
  });

  it('GIVEN comments THEN they commit together with the table', () => {
    const lowered = lowerTo(
      createTable,
      { name: 'notes', comment: "it's", columns: [{ ...id, comment: 'the key' }] },
      context(),
    );
    expect(acts(lowered, 'expand').slice(1)).toEqual([
      "comment on table notes is 'it''s'",
      "comment on column notes.id is 'the key'",
    ]);
  });

  it('WHEN it is created THEN later operations find it, as new, and the table it references knows', () => {
    const { after } = lowerTo(
      createTable,
      {
        name: 'billing.orders',
        columns: [{ ...id, references: { name: 'fk', table: 'users', column: 'id' } }],
        partition_by: 'RANGE (id)',
      },
      context(),
    );
    expect(findTable(after, { schema: 'billing', name: 'orders' })).toMatchObject({
      isNew: true,
      kind: 'partitioned-table',
      partitionKey: 'RANGE (id)',
      columns: [{ name: 'id', type: 'integer', notNull: true }],
      indexes: [{ name: 'orders_pkey', primary: true, columns: ['id'] }],
      constraints: [
        { name: 'orders_pkey', kind: 'primary-key' },
        { name: 'fk', kind: 'foreign-key', columns: ['id'] },
      ],
    });
    expect(findTable(after, { schema: undefined, name: 'users' })?.referencedBy).toEqual([
      { table: { schema: 'billing', name: 'orders' }, constraint: 'fk', columns: ['id'] },
    ]);
  });

  it.each([
    [{ name: 'users' }, 'there is a table public.users already', ['name']],
    [
      { columns: [id, { name: 'id', type: 'int' }] },
      'the column id is there twice',
      ['columns', 1, 'name'],
    ],
    [
      { columns: [{ name: 'a', type: 'int', default: 'x y' }] },
      'the default of column a is not an SQL expression: x y',
      ['columns', 0, 'default'],
    ],
    [
      {
        columns: [
          { name: 'a', type: 'int', references: { name: 'fk', table: 'gone', column: 'id' } },
        ],
      },
      'there is no table gone for fk to reference',
      ['columns', 0, 'references', 'table'],
    ],
    [
      { columns: [id], constraints: [{ name: 'k', type: 'primary_key', columns: ['id'] }] },
      'the table t has two primary keys',
      ['constraints'],
    ],
    [
      { constraints: [{ name: 'u', type: 'unique', columns: ['nope'] }] },
      'there is no column nope in the table t',
      ['constraints', 0, 'columns'],
    ],
    [
      { constraints: [{ name: 'u', type: 'check', check: 'id > 0', nulls_not_distinct: true }] },
      'nulls_not_distinct means nothing for the check constraint u',
      ['constraints', 0, 'nulls_not_distinct'],
    ],
    [
      {
        constraints: [
          {
            name: 'u',
            type: 'foreign_key',
            columns: ['id'],
            references: { table: 'users', columns: ['id'], match_type: 'PARTIAL' },
          },
        ],
      },
      'PostgreSQL has no MATCH PARTIAL, for the foreign key u',
      ['constraints', 0, 'references', 'match_type'],
    ],
    [
      { partition_by: 'RANGE (id); drop table users' },
      expect.stringContaining('cannot be written as one statement'),
      undefined,
    ],
  ])('WHEN %j is declared THEN it is refused: %s', (declared, why, path) => {
    const refusal = refusalOf(createTable, { name: 't', columns: [id], ...declared }, context());
    expect(refusal.why).toEqual(why);
    expect(refusal.path).toEqual(path);
  });
});
