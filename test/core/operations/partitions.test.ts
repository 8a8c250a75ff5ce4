import { beforeAll, describe, expect, it } from '@jest/globals';
import { attachPartition } from '../../../lib/core/operations/attach-partition.ts';
import { detachPartition } from '../../../lib/core/operations/detach-partition.ts';
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

const name = (table: string) => ({ schema: 'public', name: table });
const whole = (more: Partial<TableModel> = {}) =>
  tableOf('logs', [], { kind: 'partitioned-table', partitionKey: 'RANGE (id)', ...more });
const part = (more: Partial<TableModel> = {}) => tableOf('Logs_1', [], more);
const on = (...tables: readonly TableModel[]) => contextOf(parser, modelOf(tables));
const bound = 'FOR VALUES FROM (1) TO (10)';
const declared = { table: 'logs', partition: 'Logs_1', bound };
const condition = 'id is not null and (id >= 1) and (id < 10)';
const others = [{ name: name('rest'), bound: 'DEFAULT' }];

describe('attach_partition', () => {
  it('WHEN a table in use is attached THEN a CHECK proves the bound before, and goes behind', () => {
    const lowered = lowerTo(
      attachPartition,
      declared,
      on(whole({ partitions: others }), part(), tableOf('rest')),
    );
    expect(acts(lowered, 'expand')).toEqual([
      `alter table "Logs_1" add constraint "Logs_1_lk_bound" check (${condition}) not valid`,
      'alter table "Logs_1" validate constraint "Logs_1_lk_bound"',
      `alter table rest add constraint rest_lk_bound check (not (${condition})) not valid`,
      'alter table rest validate constraint rest_lk_bound',
      `alter table logs attach partition "Logs_1" ${bound}`,
      'alter table "Logs_1" drop constraint "Logs_1_lk_bound"',
      'alter table rest drop constraint rest_lk_bound',
    ]);
    expect(undos(lowered, 'expand')).toEqual([
      'alter table logs detach partition "Logs_1"',
      'alter table rest drop constraint if exists rest_lk_bound',
      'alter table "Logs_1" drop constraint if exists "Logs_1_lk_bound"',
    ]);
    expect(lowered.after.tables[0]?.partitions).toContainEqual({ name: name('Logs_1'), bound });
    expect(lowered.after.tables[1]?.partitionOf).toEqual(name('logs'));
  });

  it('GIVEN a table of this migration THEN there is no row to read', () => {
    const lowered = lowerTo(attachPartition, declared, on(whole(), part({ isNew: true })));
    expect(acts(lowered, 'expand')).toEqual([
      `alter table logs attach partition "Logs_1" ${bound}`,
    ]);
  });

  const index = (definition: string): IndexModel => ({
    name: 'logs_id',
    definition,
    unique: false,
    primary: false,
    columns: ['id'],
    valid: true,
    constraint: undefined,
  });

  it('GIVEN the same index on both, written differently THEN nothing is missing', () => {
    const context = on(
      whole({ indexes: [index('CREATE INDEX logs_id ON ONLY public.logs USING btree (id)')] }),
      part({ indexes: [index('create index mine on public."Logs_1" (id)')] }),
    );
    lowerTo(attachPartition, declared, context);
  });

  it.each([
    [[tableOf('logs'), part()], 'logs is not a partitioned table'],
    [[whole(), part({ partitionOf: name('x') })], 'Logs_1 is a partition of public.x already'],
    [
      [whole(), part({ columns: [] })],
      'the column id of Logs_1 is not there, in logs it is integer',
    ],
    [
      [whole(), part({ columns: [columnOf('id', { type: 'integer' })] })],
      'id may be NULL in Logs_1, and may not in logs',
    ],
    [
      [whole(), part({ columns: [...whole().columns, columnOf('x')] })],
      'Logs_1 has a column x, which logs has not',
    ],
    [
      [whole({ indexes: [index('CREATE INDEX logs_id ON public.logs USING btree (id)')] }), part()],
      'Logs_1 has no index like logs_id of logs, and would get it while nobody can write',
    ],
    [
      [
        whole({
          constraints: [
            {
              name: 'c',
              kind: 'check',
              columns: ['id'],
              definition: 'CHECK ((id > 0))',
              validated: true,
              references: undefined,
            },
          ],
        }),
        part(),
      ],
      'Logs_1 has no constraint like c of logs',
    ],
  ])('GIVEN %j THEN it is refused: %s', (tables, why) => {
    expect(refusalOf(attachPartition, declared, on(...tables)).why).toBe(why);
  });
});

describe('detach_partition', () => {
  const { bound: _, ...named } = declared;
  const partitions = [{ name: name('Logs_1'), bound }];

  it('WHEN a partition is detached THEN its bound is proved before, so that the way back reads no row', () => {
    const lowered = lowerTo(
      detachPartition,
      named,
      on(whole({ partitions }), part({ partitionOf: name('logs') })),
    );
    expect(acts(lowered, 'validate')).toHaveLength(2);
    expect(acts(lowered, 'contract')).toEqual([
      'alter table logs detach partition "Logs_1" concurrently',
    ]);
    expect(undos(lowered, 'contract')).toEqual([
      `alter table logs attach partition "Logs_1" ${bound}`,
    ]);
    expect(acts(lowered, 'finalize')).toEqual([
      'alter table "Logs_1" drop constraint "Logs_1_lk_bound"',
    ]);
    expect(stepsOf(lowered, 'finalize')[0]?.undo.kind).toBe('irreversible');
    expect(lowered.after.tables.map(({ partitionOf }) => partitionOf)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each([
    [whole(), 'Logs_1 is not a partition of logs'],
    [
      whole({ partitions: [...partitions, ...others] }),
      expect.stringContaining('logs has the default partition public.rest'),
    ],
    [
      whole({ partitions, partitionKey: 'HASH (id)' }),
      expect.stringContaining('no CHECK can prove the bound'),
    ],
  ])('GIVEN %j THEN it is refused: %s', (table, why) => {
    expect(refusalOf(detachPartition, named, on(table, part())).why).toEqual(why);
  });
});
