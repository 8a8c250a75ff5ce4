import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { quoteName, type SqlName, writeName } from '../sql/sql-name.ts';
import { isSame, nameOf, withoutTableAndReferences } from './change-model.ts';
import { TableNameFormat } from './column-format.ts';
import { isRefusal, requireTable } from './find-table.ts';
import type { StepDraft } from './lowered.ts';
import { tombstoneName } from './names.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { finalTable, findTable, type SchemaModel, type TableModel } from './schema-model.ts';

const Format = part('a mapping with name', { name: TableNameFormat }).meta({
  id: 'drop_table',
  description:
    'Takes a table away: first its name, after the soak gate its rows. Until then its foreign keys go on deciding which rows of other tables can be deleted.',
});

/**
 * Contract gives the table another name, so that whoever still uses it fails at once and it can be
 * back in a second; finalize drops it. Until then its foreign keys stay, and go on deciding which
 * rows of other tables can be deleted. Sequences that its columns own stay with it.
 */
export const dropTable = operationKind({
  name: 'drop_table',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const table = requireTable(context, declared.name, ['name']);
    if (isRefusal(table)) return table;
    const refusal = whyNotDropped(table, context);
    if (refusal !== undefined) return refusal;
    return lowered({
      contract: [cutOff(table, context.model)],
      finalize: removal(table, context.model),
      after: withoutTableAndReferences(context.model, table),
    });
  },
});

function cutOff(table: TableModel, model: SchemaModel): StepDraft {
  const tombstone = tombstoneName(table.name);
  return {
    kind: 'statement',
    id: 'cut_off',
    sql: `alter table ${finalTable(model, table)} rename to ${quoteName(tombstone)}`,
    undo: {
      kind: 'statement',
      sql: `alter table ${inSchema(model, table, tombstone)} rename to ${quoteName(table.name)}`,
    },
  };
}

/**
 * Dropping a foreign key locks the other table as well: with several of them, each goes by itself
 * first, so that never two tables are locked at once.
 */
function removal(table: TableModel, model: SchemaModel): readonly StepDraft[] {
  const tombstone = inSchema(model, table, tombstoneName(table.name));
  const keys = table.constraints.filter(
    ({ references }) => references !== undefined && !isSame(references, nameOf(table)),
  );
  const why = `all rows of ${table.name}`;
  const locked = new Set(keys.flatMap(({ references }) => references ?? []).map(writeName));
  return [
    ...(locked.size < 2 ? [] : keys).map(
      ({ name }, index): StepDraft => ({
        kind: 'statement',
        id: `foreign_key_${index + 1}`,
        sql: `alter table ${tombstone} drop constraint ${quoteName(name)}`,
        undo: { kind: 'irreversible', why: `the foreign key ${name} of a table that goes` },
      }),
    ),
    {
      kind: 'statement',
      id: 'drop',
      sql: `drop table ${tombstone}`,
      undo: { kind: 'irreversible', why },
    },
  ];
}

function inSchema(model: SchemaModel, table: TableModel, name: string): string {
  return finalTable(model, { ...table, name });
}

function whyNotDropped(table: TableModel, { model, before }: LoweringContext): Refusal | undefined {
  const path = ['name'];
  if (!table.isNew && isChanged(table, before)) {
    return refuse(`this migration changes the table ${table.name} as well`, {
      path,
      fix: 'leave the other operations out, or drop it in a later migration',
    });
  }
  if (table.isNew) {
    return refuse(`this migration creates the table ${table.name} itself`, {
      path,
      fix: 'leave out both operations, or drop it in a later migration',
    });
  }
  if (table.partitionOf !== undefined) {
    return refuse(
      `${table.name} is a partition of ${writeName(table.partitionOf)}, where its rows stay visible under any name`,
      { path, fix: `detach_partition first, and drop it in a later migration` },
    );
  }
  const tombstone: SqlName = { schema: table.schema, name: tombstoneName(table.name) };
  if (findTable(model, tombstone) !== undefined) {
    return refuse(`there is a table ${writeName(tombstone)}, which an earlier migration left`, {
      path,
      fix: `finalize that migration, or drop ${writeName(tombstone)}`,
    });
  }
  const references = table.referencedBy.filter(({ table: other }) => !isSame(other, nameOf(table)));
  if (references.length > 0) {
    const keys = references.map((each) => `${each.constraint} of ${writeName(each.table)}`);
    return refuse(`foreign keys point to ${table.name}: ${keys.join(', ')}`, {
      path,
      fix: 'drop them before, each with drop_constraint, or drop their tables before this one',
    });
  }
  const dependents = dependentsOf(table, model);
  return dependents.length === 0
    ? undefined
    : refuse(`${dependents.join(', ')} would go on reading the rows of ${table.name}`, {
        path,
        fix: 'drop or change what depends on it in a migration before this one',
      });
}

/** Whose steps would look for it under the name that contract takes from it. */
function isChanged(table: TableModel, before: SchemaModel): boolean {
  const known = findTable(before, { schema: table.schema, name: table.physicalName });
  const shape = (each: TableModel | undefined) =>
    JSON.stringify([
      each?.name,
      each?.columns,
      each?.indexes,
      each?.constraints.map(({ name }) => name),
      each?.replicaIdentity,
      each?.partitions.length,
    ]);
  return shape(known) !== shape(table);
}

/** What reads the table from outside; what belongs to it, and views of our own versions, go with it. */
function dependentsOf(table: TableModel, model: SchemaModel): readonly string[] {
  const versions = model.versions.map(({ schema }) => schema);
  const own = [quoteName(table.name), writeName(nameOf(table))].map((name) => ` on table ${name}`);
  return table.dependents
    .filter(({ kind }) => OUTSIDE.has(kind))
    .filter(({ relation }) => !versions.includes(relation?.schema ?? ''))
    .map((each) => each.name)
    .filter((each) => !own.some((ending) => each.endsWith(ending)));
}

const OUTSIDE: ReadonlySet<string> = new Set([
  'view',
  'materialized view',
  'function',
  'rule',
  'policy',
]);
