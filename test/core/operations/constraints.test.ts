import { beforeAll, describe, expect, it } from '@jest/globals';
import { createConstraint } from '../../../lib/core/operations/create-constraint.ts';
import { dropConstraint } from '../../../lib/core/operations/drop-constraint.ts';
import { dropMulticolumnConstraint } from '../../../lib/core/operations/drop-multicolumn-constraint.ts';
import { renameConstraint } from '../../../lib/core/operations/rename-constraint.ts';
import {
  type ConstraintModel,
  findTable,
  type TableModel,
} from '../../../lib/core/operations/schema-model.ts';
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

const constraint = (name: string, more: Partial<ConstraintModel> = {}): ConstraintModel => ({
  name,
  kind: 'check',
  columns: ['zip'],
  definition: 'CHECK ((length(zip) > 3))',
  validated: true,
  references: undefined,
  ...more,
});
const tickets = (more: Partial<TableModel> = {}) => tableOf('tickets', ['zip', 'Name'], more);
const sellers = tableOf('sellers', ['zip', 'name']);
const on = (...tables: readonly TableModel[]) => contextOf(parser, modelOf(tables));

describe('create_constraint', () => {
  const check = { table: 'tickets', name: 'c', type: 'check', check: 'zip <> "Name"' };

  it('GIVEN values that stay as they are THEN a check is added for new rows, then validated', () => {
    const same = { zip: 'zip', Name: 'SELECT "Name"' };
    const lowered = lowerTo(createConstraint, { ...check, up: same, down: same }, on(tickets()));
    expect(acts(lowered, 'validate')).toEqual([
      'alter table tickets add constraint c check (zip <> "Name") not valid',
      'alter table tickets validate constraint c',
    ]);
    expect(undos(lowered, 'validate')).toEqual(['alter table tickets drop constraint c']);
    expect(lowered.sync).toBeUndefined();
    expect(lowered.after.tables[0]?.constraints).toMatchObject([
      { name: 'c', columns: ['zip', 'Name'] },
    ]);
  });

  it('WHEN it is a foreign key THEN both tables are used meanwhile, and the other table knows of it', () => {
    const lowered = lowerTo(
      createConstraint,
      {
        table: 'tickets',
        name: 'fk',
        type: 'foreign_key',
        columns: ['Name', 'zip'],
        references: {
          table: 'sellers',
          columns: ['name', 'zip'],
          on_delete: 'SET NULL',
          on_delete_set_columns: ['zip'],
          match_type: 'FULL',
        },
        initially_deferred: true,
      },
      on(tickets(), sellers),
    );
    expect(acts(lowered, 'validate')).toEqual([
      'alter table tickets add constraint fk foreign key ("Name", zip) references sellers (name, zip) match full on delete set null (zip) deferrable initially deferred not valid',
      'alter table tickets validate constraint fk',
    ]);
    expect(
      findTable(lowered.after, { schema: undefined, name: 'sellers' })?.referencedBy,
    ).toHaveLength(1);
  });

  it('WHEN it is unique THEN its index is built concurrently and taken over', () => {
    const lowered = lowerTo(
      createConstraint,
      {
        table: 'tickets',
        name: 'u',
        type: 'unique',
        columns: ['zip'],
        nulls_not_distinct: true,
        index_parameters: { include_columns: ['Name'] },
      },
      on(tickets()),
    );
    expect(acts(lowered, 'validate')).toEqual([
      'create unique index concurrently u on tickets (zip) include ("Name") nulls not distinct',
      'alter table tickets add constraint u unique using index u',
    ]);
    expect(undos(lowered, 'validate')).toEqual([
      'alter table tickets drop constraint u',
      'drop index concurrently if exists public.u',
    ]);
  });

  it('WHEN it is the primary key THEN NOT NULL is proved before', () => {
    const lowered = lowerTo(
      createConstraint,
      { table: 'tickets', name: 'pk', type: 'primary_key', columns: ['id', 'zip'] },
      on(tickets()),
    );
    expect(acts(lowered, 'validate')).toEqual([
      'alter table tickets add constraint zip_lk_not_null check (zip is not null) not valid',
      'alter table tickets validate constraint zip_lk_not_null',
      'alter table tickets alter column zip set not null',
      'alter table tickets drop constraint zip_lk_not_null',
      'create unique index concurrently pk on tickets (id, zip)',
      'alter table tickets add constraint pk primary key using index pk',
    ]);
    expect(lowered.after.tables[0]?.columns.find(({ name }) => name === 'zip')?.notNull).toBe(true);
  });

  it('GIVEN an up that cleans one column THEN the constraint is made on the column beside it', () => {
    const lowered = lowerTo(
      createConstraint,
      {
        ...check,
        columns: ['zip', 'Name'],
        up: { zip: "coalesce(zip, '0')", Name: '"Name"' },
        down: { zip: 'zip', Name: '"Name"' },
      },
      on(tickets()),
    );
    expect(acts(lowered, 'expand')).toEqual(['alter table tickets add column zip_lk_new text']);
    expect(lowered.sync).toMatchObject([
      {
        oldColumn: 'zip',
        newColumn: 'zip',
        shadow: 'zip_lk_new',
        up: "coalesce(zip, '0')",
        down: 'zip',
        backfill: true,
      },
    ]);
    expect(acts(lowered, 'validate')).toEqual([
      'alter table tickets add constraint c check (zip_lk_new <> "Name") not valid',
      'alter table tickets validate constraint c',
    ]);
  });

  it('GIVEN a table of this migration THEN any constraint is added at once', () => {
    const lowered = lowerTo(
      createConstraint,
      {
        table: 'tickets',
        name: 'x',
        type: 'exclude',
        exclude: { index_method: 'gist', elements: 'zip with =' },
      },
      on(tickets({ isNew: true })),
    );
    expect(acts(lowered, 'expand')).toEqual([
      'alter table tickets add constraint x exclude using gist (zip with =)',
    ]);
  });

  it.each([
    [
      { type: 'exclude', exclude: { elements: 'zip with =' } },
      expect.stringContaining('PostgreSQL has no concurrent way'),
      ['type'],
    ],
    [{ type: 'check' }, 'the check constraint c needs check', ['check']],
    [
      { type: 'check', check: 'nope > 3' },
      'there is no column nope in the table tickets',
      ['check'],
    ],
    [
      { type: 'check', check: 'id > 0', name: 'known' },
      'tickets has a constraint known already',
      ['name'],
    ],
    [
      { type: 'check', check: 'id > 0', up: { zip: 'zip' } },
      'the constraint is not about the column zip',
      ['up', 'zip'],
    ],
    [
      { type: 'unique', columns: ['zip'], up: { zip: 'zip +' } },
      expect.stringContaining('not an SQL expression'),
      ['up', 'zip'],
    ],
    [
      { type: 'unique', columns: ['zip'], name: 'sellers' },
      expect.stringContaining('a key needs an index of its name'),
      ['name'],
    ],
    [
      {
        type: 'foreign_key',
        columns: ['zip'],
        references: { table: 'sellers', columns: ['zip', 'name'] },
      },
      'the foreign key c needs as many columns as it references: 1 and 2',
      ['references', 'columns'],
    ],
    [
      { type: 'foreign_key', columns: ['zip'], references: { table: 'nobody', columns: ['zip'] } },
      'there is no table nobody for c to reference',
      ['references', 'table'],
    ],
    [
      { type: 'unique', columns: ['id'], table: 'logs' },
      expect.stringContaining('refuses USING INDEX on the partitioned table logs'),
      ['type'],
    ],
    [
      { type: 'primary_key', columns: ['id'], up: { id: 'id + 1' } },
      'the values of the primary key c cannot change with it',
      ['up'],
    ],
    [
      { type: 'primary_key', columns: ['id'], table: 'keyed' },
      'keyed has a primary key already: key',
      ['type'],
    ],
  ])('WHEN %j is declared THEN it is refused: %s', (declared, why, path) => {
    const context = on(
      tickets({ constraints: [constraint('known')] }),
      sellers,
      tableOf('logs', [], { kind: 'partitioned-table' }),
      tableOf('keyed', [], { constraints: [constraint('key', { kind: 'primary-key' })] }),
    );
    const refusal = refusalOf(
      createConstraint,
      { table: 'tickets', name: 'c', ...declared },
      context,
    );
    expect(refusal.why).toEqual(why);
    expect(refusal.path).toEqual(path);
  });

  it('GIVEN a constraint that this migration drops at finalize THEN its name is not free yet', () => {
    const model = modelOf([tickets({ constraints: [constraint('c')] })]);
    const dropped = lowerTo(
      dropConstraint,
      { table: 'tickets', name: 'c' },
      contextOf(parser, model),
    );
    const context = contextOf(parser, dropped.after, { before: model });
    expect(refusalOf(createConstraint, check, context).why).toBe(
      'the constraint c of tickets stays until finalize',
    );
  });
});

describe('drop_constraint', () => {
  const table = () => tickets({ constraints: [constraint('c')] });

  it('GIVEN values that are the same for both applications THEN it holds until finalize', () => {
    const lowered = lowerTo(
      dropConstraint,
      { table: 'tickets', name: 'c', up: 'zip', down: 'zip' },
      on(table()),
    );
    expect(lowered.contract).toBeUndefined();
    expect(acts(lowered, 'finalize')).toEqual(['alter table tickets drop constraint if exists c']);
    expect(stepsOf(lowered, 'finalize')[0]?.undo.kind).toBe('irreversible');
    expect(lowered.after.tables[0]?.constraints).toEqual([]);
  });

  it('GIVEN a down that meets it THEN the new application writes to a column without it', () => {
    const lowered = lowerTo(
      dropConstraint,
      { table: 'tickets', name: 'c', up: 'zip', down: "SELECT lpad(zip, 4, '-')" },
      on(table()),
    );
    expect(acts(lowered, 'expand')).toEqual(['alter table tickets add column zip_lk_new text']);
    expect(lowered.validate).toEqual([]);
    expect(lowered.sync).toMatchObject([
      { shadow: 'zip_lk_new', up: 'zip', down: "lpad(zip, 4, '-')" },
    ]);
    expect(lowered.finalize).toBeUndefined();
    expect(lowered.after.tables[0]?.constraints).toEqual([]);
  });

  it('GIVEN several columns THEN drop_multicolumn_constraint has an expression for each', () => {
    const pair = tickets({ constraints: [constraint('c', { columns: ['zip', 'Name'] })] });
    const declared = { table: 'tickets', name: 'c' };
    expect(refusalOf(dropConstraint, { ...declared, up: 'zip' }, on(pair)).fix).toContain(
      'drop_multicolumn_constraint',
    );
    const same = { zip: 'zip', Name: '"Name"' };
    const kept = lowerTo(
      dropMulticolumnConstraint,
      { ...declared, up: same, down: same },
      on(pair),
    );
    expect(acts(kept, 'finalize')).toEqual(['alter table tickets drop constraint if exists c']);
    const changed = lowerTo(
      dropMulticolumnConstraint,
      { ...declared, down: { ...same, zip: "'0'" } },
      on(pair),
    );
    expect(changed.sync).toMatchObject([{ shadow: 'zip_lk_new' }]);
  });

  it.each([
    ['nope', 'there is no constraint nope on the table tickets'],
    ['nn', 'nn is what makes zip of tickets NOT NULL'],
    ['u', 'the foreign key fk of public.sellers points to what u keeps unique'],
  ])('WHEN %s is dropped THEN it is refused: %s', (name, why) => {
    const context = on(
      tickets({
        constraints: [constraint('nn', { kind: 'not-null' }), constraint('u', { kind: 'unique' })],
        referencedBy: [
          { table: { schema: 'public', name: 'sellers' }, constraint: 'fk', columns: ['zip'] },
        ],
      }),
    );
    expect(refusalOf(dropConstraint, { table: 'tickets', name }, context).why).toBe(why);
  });
});

describe('rename_constraint', () => {
  const declared = { table: 'tickets', from: 'c', to: 'Checked' };

  it('WHEN a constraint is renamed THEN contract does it, and a second takes it back', () => {
    const lowered = lowerTo(
      renameConstraint,
      declared,
      on(tickets({ constraints: [constraint('c')] })),
    );
    expect(acts(lowered, 'contract')).toEqual([
      'alter table tickets rename constraint c to "Checked"',
    ]);
    expect(undos(lowered, 'contract')).toEqual([
      'alter table tickets rename constraint "Checked" to c',
    ]);
    expect(lowered.after.tables[0]?.constraints[0]?.name).toBe('Checked');
  });

  it.each([
    [tickets(), 'there is no constraint c on the table tickets'],
    [
      tickets({ constraints: [constraint('c'), constraint('Checked')] }),
      'there is a constraint Checked on the table tickets already',
    ],
  ])('GIVEN %j THEN it is refused: %s', (table, why) => {
    expect(refusalOf(renameConstraint, declared, on(table)).why).toBe(why);
  });

  it('GIVEN a column with a shadow THEN later steps find it by its physical name', () => {
    const column = columnOf('zip', { physicalName: 'zip_lk_new', changed: true });
    const lowered = lowerTo(
      createConstraint,
      { table: 'tickets', name: 'c', type: 'check', check: 'length(zip) > 3' },
      on(tickets({ columns: [column] })),
    );
    expect(acts(lowered, 'validate')[0]).toContain('check (length(zip_lk_new) > 3) not valid');
  });
});
