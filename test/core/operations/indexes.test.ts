import { beforeAll, describe, expect, it } from '@jest/globals';
import { createIndex } from '../../../lib/core/operations/create-index.ts';
import { dropIndex } from '../../../lib/core/operations/drop-index.ts';
import { replaceIndex } from '../../../lib/core/operations/replace-index.ts';
import type { IndexModel, TableModel } from '../../../lib/core/operations/schema-model.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import {
  acts,
  columnOf,
  contextOf,
  lowerTo,
  modelOf,
  refusalOf,
  stepsOf,
  tableOf,
  undos,
} from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const index = (name: string, more: Partial<IndexModel> = {}): IndexModel => ({
  name,
  definition: `CREATE INDEX ${name} ON public.fruits USING btree (name)`,
  unique: false,
  primary: false,
  columns: ['name'],
  valid: true,
  constraint: undefined,
  ...more,
});
const fruits = (more: Partial<TableModel> = {}) => tableOf('fruits', ['name', 'Kind'], more);
const on = (...tables: readonly TableModel[]) => contextOf(parser, modelOf(tables));
const declared = { name: 'i', table: 'fruits', columns: ['name'] };

describe('create_index', () => {
  it.each([
    [{ columns: ['name'] }, 'create index concurrently i on fruits (name)'],
    [
      { columns: [{ name: 'name', sort: 'ASC' }] },
      'create index concurrently i on fruits (name asc)',
    ],
    [
      { columns: [{ column: 'name' }, { column: 'Kind', sort: 'DESC', nulls: 'LAST' }] },
      'create index concurrently i on fruits (name, "Kind" desc nulls last)',
    ],
    [
      { columns: { name: {}, Kind: { collate: 'C' } } },
      'create index concurrently i on fruits (name, "Kind" collate "C")',
    ],
    [
      { columns: { name: {} }, method: 'hash', storage_parameters: 'fillfactor = 70' },
      'create index concurrently i on fruits using hash (name) with (fillfactor = 70)',
    ],
    [
      { columns: [{ column: 'name', opclass: { name: 'text_pattern_ops' } }] },
      'create index concurrently i on fruits (name text_pattern_ops)',
    ],
    [
      {
        columns: [{ expression: 'lower(name)' }],
        unique: true,
        include: ['id'],
        predicate: 'id > 3',
      },
      'create unique index concurrently i on fruits ((lower(name))) include (id) where (id > 3)',
    ],
  ])('WHEN %j is declared THEN it is built concurrently and can be dropped so: %s', (more, sql) => {
    const lowered = lowerTo(createIndex, { ...declared, ...more }, on(fruits()));
    expect(acts(lowered, 'expand')).toEqual([sql]);
    expect(undos(lowered, 'expand')).toEqual(['drop index concurrently i']);
    expect(lowered.after.tables[0]?.indexes[0]).toMatchObject({
      name: 'i',
      columns: expect.arrayContaining(['name']),
    });
  });

  it('GIVEN a table of this migration THEN nobody waits, and it is built at once', () => {
    const lowered = lowerTo(createIndex, declared, on(fruits({ isNew: true })));
    expect(acts(lowered, 'expand')).toEqual(['create index i on fruits (name)']);
  });

  it('GIVEN a column that this migration fills THEN it is built after that, on the column that is filled', () => {
    const column = columnOf('name', { physicalName: 'name_lk_new', changed: true });
    const lowered = lowerTo(createIndex, declared, on(fruits({ columns: [column] })));
    expect(lowered.expand).toBeUndefined();
    expect(acts(lowered, 'validate')).toEqual([
      'create index concurrently i on fruits (name_lk_new)',
    ]);
  });

  it('GIVEN partitions of partitions THEN each gets its own, the parents are put together, and checked', () => {
    const name = (table: string) => ({ schema: 'public', name: table });
    const parent = (table: string, ...partitions: readonly string[]) =>
      tableOf(table, [], {
        kind: 'partitioned-table',
        partitionKey: 'RANGE (id)',
        partitions: partitions.map((each) => ({ name: name(each), bound: 'DEFAULT' })),
      });
    const context = on(
      parent('logs', 'logs_a', 'logs_b'),
      tableOf('logs_a'),
      parent('logs_b', 'logs_c'),
      tableOf('logs_c'),
    );
    const lowered = lowerTo(
      createIndex,
      { name: 'logs_id', table: 'logs', columns: ['id'], unique: true },
      context,
    );
    expect(acts(lowered, 'expand')).toEqual([
      'create unique index concurrently logs_a_id_idx on logs_a (id)',
      'create unique index concurrently logs_c_id_idx on logs_c (id)',
      'create unique index logs_b_id_idx on only logs_b (id)',
      'create unique index logs_id on only logs (id)',
      'alter index logs_b_id_idx attach partition logs_c_id_idx',
      'alter index logs_id attach partition logs_a_id_idx',
      'alter index logs_id attach partition logs_b_id_idx',
    ]);
    expect(undos(lowered, 'expand')).toEqual([
      'drop index if exists logs_id',
      'drop index if exists logs_b_id_idx',
      'drop index concurrently if exists logs_c_id_idx',
      'drop index concurrently if exists logs_a_id_idx',
    ]);
    expect(lowered.validate?.[0]).toMatchObject({
      kind: 'check',
      query: expect.stringContaining("'logs_id'::regclass"),
    });
  });

  it.each([
    [{ table: 'nope' }, 'there is no table nope', ['table']],
    [{ columns: ['nope'] }, 'there is no column nope in the table fruits', ['columns']],
    [{ name: 'taken' }, 'there is an index taken already, on fruits', ['name']],
    [{ predicate: 'id >' }, 'not an SQL expression: id >', ['predicate']],
    [
      { columns: [{ expression: 'lower(nope)' }] },
      'there is no column nope in the table fruits',
      ['columns', 0],
    ],
    [
      { storage_parameters: 'fillfactor = 70) tablespace x; --' },
      expect.stringContaining('cannot be written as one statement'),
      undefined,
    ],
    [
      { table: 'logs', columns: ['id'], unique: true },
      'a unique index of the partitioned table logs needs the columns of its key: at',
      ['columns'],
    ],
    [
      { table: 'moving', predicate: 'c is null', columns: ['id'] },
      'this migration changes the column c, which the index i cannot follow',
      ['columns'],
    ],
  ])('WHEN %j is declared THEN it is refused: %s', (more, why, path) => {
    const moving = tableOf('moving', [], {
      columns: [columnOf('id'), columnOf('c', { physicalName: 'c_lk_new', changed: true })],
    });
    const logs = tableOf('logs', ['at'], { kind: 'partitioned-table', partitionKey: 'RANGE (at)' });
    const context = on(fruits({ indexes: [index('taken')] }), logs, moving);
    const refusal = refusalOf(createIndex, { ...declared, ...more }, context);
    expect(refusal.why).toEqual(why);
    expect(refusal.path).toEqual(path);
  });
});

describe('drop_index', () => {
  it('WHEN an index is dropped THEN contract drops it, and the way back builds it again', () => {
    const lowered = lowerTo(
      dropIndex,
      { name: 'Odd' },
      on(
        fruits({
          indexes: [
            index('Odd', { definition: 'CREATE INDEX "Odd" ON public.fruits USING btree (name)' }),
          ],
        }),
      ),
    );
    expect(acts(lowered, 'contract')).toEqual(['drop index concurrently "Odd"']);
    expect(undos(lowered, 'contract')).toEqual([
      'CREATE INDEX concurrently "Odd" ON public.fruits USING btree (name)',
    ]);
    expect(lowered.after.tables[0]?.indexes).toEqual([]);
  });

  it.each([
    [fruits({ indexes: [index('i', { unique: true })] })],
    [fruits({ indexes: [index('i')], physicalName: 'old_fruits' })],
    [fruits({ indexes: [index('i')], columns: [columnOf('name', { changed: true })] })],
  ])('WHEN it could not be built again as it was THEN it goes at finalize', (table) => {
    const lowered = lowerTo(dropIndex, { name: 'i' }, on(table));
    expect(lowered.contract).toBeUndefined();
    expect(stepsOf(lowered, 'finalize')[0]?.undo.kind).toBe('irreversible');
  });

  it.each([
    [fruits(), 'there is no index public.i'],
    [
      fruits({ indexes: [index('i', { constraint: 'u' })] }),
      'the index i belongs to the constraint u of fruits',
    ],
    [
      fruits({ indexes: [index('i')], replicaIdentity: { kind: 'index', index: 'i' } }),
      'the index i is the replica identity of fruits',
    ],
    [
      fruits({
        indexes: [index('i', { unique: true })],
        referencedBy: [
          { table: { schema: 'public', name: 'o' }, constraint: 'fk', columns: ['name'] },
        ],
      }),
      'the foreign key fk needs the unique index i',
    ],
    [
      fruits({ indexes: [index('i')], kind: 'partitioned-table' }),
      'the index i of the partitioned table fruits cannot be dropped concurrently, nor be back in a second',
    ],
    [fruits({ indexes: [index('i')], isNew: true }), 'this migration creates the index i itself'],
  ])('GIVEN %j THEN it is refused: %s', (table, why) => {
    expect(refusalOf(dropIndex, { name: 'i' }, on(table)).why).toBe(why);
  });
});

describe('replace_index', () => {
  it('WHEN an index is replaced THEN the new one takes its name at contract, and the old one stays until finalize', () => {
    const context = on(fruits({ indexes: [index('i')] }));
    const lowered = lowerTo(replaceIndex, { ...declared, columns: ['name', 'id'] }, context);
    expect(acts(lowered, 'expand')).toEqual([
      'create index concurrently i_lk_new on fruits (name, id)',
    ]);
    expect(undos(lowered, 'expand')).toEqual(['drop index concurrently i_lk_new']);
    expect(acts(lowered, 'contract')).toEqual([
      'alter index i rename to i_lk_old',
      'alter index i_lk_new rename to i',
    ]);
    expect(undos(lowered, 'contract')).toEqual([
      'alter index i rename to i_lk_new',
      'alter index i_lk_old rename to i',
    ]);
    expect(acts(lowered, 'finalize')).toEqual(['drop index concurrently i_lk_old']);
    expect(lowered.after.tables[0]?.indexes).toMatchObject([
      { name: 'i', columns: ['name', 'id'] },
    ]);
  });

  it.each([
    [[fruits()], 'there is no index public.i'],
    [
      [fruits(), tableOf('other', [], { indexes: [index('i')] })],
      'the index i is on other, not on fruits',
    ],
    [
      [fruits({ indexes: [index('i')], isNew: true })],
      'this migration creates the table fruits itself',
    ],
  ])('GIVEN %j THEN it is refused: %s', (tables, why) => {
    expect(refusalOf(replaceIndex, declared, on(...tables)).why).toBe(why);
  });
});
