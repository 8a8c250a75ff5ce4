import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { writeName } from '../sql/sql-name.ts';
import { boundCheck } from './bound-check.ts';
import { boundSteps, dropBound } from './bound-steps.ts';
import { isSame, nameOf } from './change-model.ts';
import { TableNameFormat } from './column-format.ts';
import { isRefusal, requireTable } from './find-table.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  refuse,
} from './operation-kind.ts';
import {
  finalTable,
  type SchemaModel,
  type TableModel,
  withFixedColumns,
  withTable,
} from './schema-model.ts';
import { whyChanging } from './why-not-attached.ts';

const Format = part('a mapping with table and partition', {
  table: TableNameFormat,
  partition: TableNameFormat,
}).meta({
  id: 'detach_partition',
  description:
    'Makes a partition a table of its own, concurrently, at contract; its rows are no longer in the whole, which refuses new ones for it.',
});

/** From PostgreSQL 14 on a partition can be detached while others use the whole. */
const CONCURRENTLY_FROM = 14;

/**
 * At contract, concurrently. A CHECK of the bound is validated before and stays until finalize: the
 * way back is an ATTACH that reads no row. Meanwhile rows for the partition are refused by the whole.
 */
export const detachPartition = operationKind({
  name: 'detach_partition',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const parent = requireTable(context, declared.table);
    if (isRefusal(parent)) return parent;
    const child = requireTable(context, declared.partition, ['partition']);
    if (isRefusal(child)) return child;
    const { model, parser } = context;
    const own = parent.partitions.find(({ name }) => isSame(name, nameOf(child)));
    if (own === undefined) {
      const known = parent.partitions.map(({ name }) => writeName(name)).join(', ');
      return refuse(`${child.name} is not a partition of ${parent.name}`, {
        path: ['partition'],
        ...(known !== '' && { fix: `one of ${known}` }),
      });
    }
    const changing = whyChanging(parent) ?? whyChanging(child);
    if (changing !== undefined) return changing;
    const other = parent.partitions.find(({ bound }) => bound === 'DEFAULT');
    if (other !== undefined || model.serverVersion < CONCURRENTLY_FROM) {
      return refuse(
        other === undefined
          ? `PostgreSQL ${model.serverVersion} cannot detach ${child.name} while others use ${parent.name}`
          : `${parent.name} has the default partition ${writeName(other.name)}, with which PostgreSQL detaches no other concurrently, and which would take the rows that ${child.name} has to get back`,
        {
          path: ['partition'],
          fix: `sql with up: alter table ${parent.name} detach partition ${child.name}, and onComplete: true, at a quiet hour`,
        },
      );
    }
    const check = boundCheck(parser, parent, own.bound);
    if (isRefusal(check)) return { ...check, path: ['partition'] };
    const bound = { table: child, condition: check.condition, id: 'bound' };
    const [table, partition] = [finalTable(model, parent), finalTable(model, child)];
    const attach = `alter table ${table} attach partition ${partition} ${own.bound}`;
    return lowered({
      validate: boundSteps(model, bound),
      contract: [
        {
          kind: 'statement',
          id: 'detach',
          sql: `alter table ${table} detach partition ${partition} concurrently`,
          undo: { kind: 'statement', sql: attach },
        },
      ],
      finalize: [
        {
          ...dropBound(model, { ...bound, table: { ...child, physicalName: child.name } }),
          undo: { kind: 'irreversible', why: 'no rows: the CHECK that made the way back quick' },
        },
      ],
      after: withoutPartition(model, parent, child),
    });
  },
});

function withoutPartition(model: SchemaModel, parent: TableModel, child: TableModel): SchemaModel {
  const partitions = parent.partitions.filter(({ name }) => !isSame(name, nameOf(child)));
  const fixed = (table: TableModel) =>
    withFixedColumns(
      table,
      table.columns.map(({ name }) => name),
    );
  return withTable(withTable(model, { ...fixed(parent), partitions }), {
    ...fixed(child),
    partitionOf: undefined,
  });
}
