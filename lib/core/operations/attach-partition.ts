import type { z } from 'zod';
import { part, text } from '../migration/format/vocabulary.ts';
import { writeName } from '../sql/sql-name.ts';
import { boundCheck } from './bound-check.ts';
import { boundSteps, dropBound } from './bound-steps.ts';
import { nameOf } from './change-model.ts';
import { TableNameFormat } from './column-format.ts';
import { isRefusal, requireTable } from './find-table.ts';
import type { StepDraft } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import {
  findTable,
  physicalTable,
  type SchemaModel,
  type TableModel,
  withTable,
} from './schema-model.ts';
import { whyNotAttached } from './why-not-attached.ts';

const Format = part('a mapping with table, partition and bound', {
  table: TableNameFormat,
  partition: TableNameFormat,
  bound: text("such as FOR VALUES FROM ('2025-01-01') TO ('2026-01-01'), or DEFAULT"),
}).meta({
  id: 'attach_partition',
  description:
    'Makes a table a partition of another while both are in use: a CHECK proves the bound before, so that no row is read under a lock.',
});

/**
 * A validated CHECK of the bound saves ATTACH from reading the table under ACCESS EXCLUSIVE, and one
 * that excludes the bound saves the default partition from it. Both go afterwards: the bound itself
 * says what they said.
 */
export const attachPartition = operationKind({
  name: 'attach_partition',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const parent = requireTable(context, declared.table);
    if (isRefusal(parent)) return parent;
    const child = requireTable(context, declared.partition, ['partition']);
    if (isRefusal(child)) return child;
    const refusal = whyNotAttached(parent, child);
    if (refusal !== undefined) return refusal;
    const { model } = context;
    const proof = proofOf(parent, child, declared.bound, context);
    if (isRefusal(proof)) return proof;
    return lowered({
      expand: [...proof.before, attach(parent, child, declared.bound, model), ...proof.behind],
      after: withPartition(model, parent, child, declared.bound),
    });
  },
});

interface Proof {
  readonly before: readonly StepDraft[];
  readonly behind: readonly StepDraft[];
}

function proofOf(
  parent: TableModel,
  child: TableModel,
  bound: string,
  { model, parser }: LoweringContext,
): Proof | Refusal {
  const other = defaultPartition(parent);
  if (/^default$/i.test(bound.trim())) {
    return other === undefined && (child.isNew || parent.partitions.length === 0)
      ? { before: [], behind: [] }
      : refuse(
          other === undefined
            ? `every row of ${child.name} would be read to see that none belongs to another partition of ${parent.name}`
            : `${parent.name} has a default partition already: ${writeName(other.name)}`,
          { path: ['bound'], fix: 'attach a new table as the default partition (create_table)' },
        );
  }
  if (child.isNew && other === undefined) return { before: [], behind: [] };
  const check = boundCheck(parser, parent, bound);
  if (isRefusal(check)) return check;
  const rest = other === undefined ? undefined : findTable(model, other.name);
  if (other !== undefined && rest === undefined) {
    return refuse(`the default partition ${writeName(other.name)} is not an ordinary table`);
  }
  const checks = [
    ...(child.isNew ? [] : [{ table: child, condition: check.condition, id: 'bound' }]),
    ...(rest === undefined
      ? []
      : [{ table: rest, condition: `not (${check.condition})`, id: 'default' }]),
  ];
  return {
    before: checks.flatMap((each) => boundSteps(model, each)),
    behind: checks.map((each) => dropBound(model, each)),
  };
}

function defaultPartition({ partitions }: TableModel) {
  return partitions.find(({ bound }) => /^default$/i.test(bound.trim()));
}

function attach(
  parent: TableModel,
  child: TableModel,
  bound: string,
  model: SchemaModel,
): StepDraft {
  const table = physicalTable(model, parent);
  const partition = physicalTable(model, child);
  const reason = 'the steps before it validate a CHECK that proves it, so no row is read';
  return {
    kind: 'statement',
    id: 'attach',
    sql: `alter table ${table} attach partition ${partition} ${bound}`,
    undo: { kind: 'statement', sql: `alter table ${table} detach partition ${partition}` },
    allowed: ['attach-partition-scan', 'attach-partition-default-scan'].map((rule) => ({
      rule,
      reason,
    })),
  };
}

export function withPartition(
  model: SchemaModel,
  parent: TableModel,
  child: TableModel,
  bound: string,
): SchemaModel {
  const partitions = [...parent.partitions, { name: nameOf(child), bound }];
  return withTable(withTable(model, { ...parent, partitions }), {
    ...child,
    partitionOf: nameOf(parent),
  });
}
