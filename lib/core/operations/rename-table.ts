import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { quoteName, writeName } from '../sql/sql-name.ts';
import { withRenamedTable } from './change-model.ts';
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
import { readRelationName } from './relation-name.ts';
import { findTable, type SchemaModel, type TableModel, withTable } from './schema-model.ts';
import { inSchemaOf, SECURITY_INVOKER_FROM, viewOfTable } from './view-of-table.ts';

const Format = part('a mapping with from and to', {
  from: TableNameFormat,
  to: TableNameFormat,
}).meta({
  id: 'rename_table',
  description:
    'Gives a table another name; both work until finalize. The one that is a view meanwhile reads and writes like the table, except for COPY into it, TRUNCATE, and MERGE before PostgreSQL 17.',
});

/**
 * Expand makes a view of the new name, contract lets the two change places in one transaction, and
 * finalize drops the view of the old name. So each application reads and writes under the name that
 * it knows. What a view cannot do is left to the table's own name: COPY into it, TRUNCATE, and MERGE
 * before PostgreSQL 17.
 *
 * With a versioned schema the new name is in the views of the version, and contract only renames.
 */
export const renameTable = operationKind({
  name: 'rename_table',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const table = requireTable(context, declared.from, ['from']);
    if (isRefusal(table)) return table;
    const target = readRelationName(declared.to);
    const refusal =
      whyNotRenamed(table, context) ??
      whyNotNamed(table, { ...target, written: declared.to }, context);
    if (refusal !== undefined) return refusal;
    const { model } = context;
    const to = target.name;
    const after = withRenamedTable(model, table, to);
    if (table.isNew) {
      const physical = { ...table, name: to, physicalName: to };
      return lowered({
        expand: [rename(table, to, model)],
        after: replaceNew(after, table, physical),
      });
    }
    if (context.versionSchema !== undefined)
      return lowered({ contract: [rename(table, to, model)], after });
    return lowered({
      expand: [viewStep(table, to, model)],
      contract: [changePlaces(table, to, model)],
      finalize: [
        {
          kind: 'statement',
          id: 'drop_view',
          sql: `drop view ${inSchemaOf(table, table.name, model)}`,
          undo: {
            kind: 'irreversible',
            why: `no rows: only the name ${table.name}, which was a view of ${to}`,
          },
        },
      ],
      after,
    });
  },
});

/** withTable finds a table by its physical name, which is what changes here. */
function replaceNew(after: SchemaModel, before: TableModel, now: TableModel): SchemaModel {
  const others = after.tables.filter(
    ({ schema, physicalName }) => schema !== before.schema || physicalName !== before.physicalName,
  );
  return withTable({ ...after, tables: others }, now);
}

function rename(table: TableModel, to: string, model: SchemaModel): StepDraft {
  const statement = (from: string, name: string) =>
    `alter table ${inSchemaOf(table, from, model)} rename to ${quoteName(name)}`;
  return {
    kind: 'statement',
    id: 'rename',
    sql: statement(table.name, to),
    undo: { kind: 'statement', sql: statement(to, table.name) },
  };
}

function viewStep(table: TableModel, to: string, model: SchemaModel): StepDraft {
  const [view, ...together] = viewOfTable({ model, table, view: to, shows: table.name });
  return {
    kind: 'statement',
    id: 'view',
    sql: view,
    ...(together.length === 0 ? {} : { together }),
    undo: { kind: 'statement', sql: `drop view ${inSchemaOf(table, to, model)}` },
  };
}

/** One transaction: nobody ever finds one of the two names missing. */
function changePlaces(table: TableModel, to: string, model: SchemaModel): StepDraft {
  const between = (view: string, before: string) => {
    const [first, ...others] = [
      `drop view ${inSchemaOf(table, view, model)}`,
      `alter table ${inSchemaOf(table, before, model)} rename to ${quoteName(view)}`,
      ...viewOfTable({ model, table, view: before, shows: view }),
    ];
    return { sql: first ?? '', together: others };
  };
  return {
    kind: 'statement',
    id: 'change_places',
    ...between(to, table.name),
    undo: { kind: 'statement', ...between(table.name, to) },
  };
}

function whyNotRenamed(
  table: TableModel,
  { model, versionSchema }: LoweringContext,
): Refusal | undefined {
  const path = ['from'];
  if (table.physicalName !== table.name) {
    return refuse(`this migration renames the table ${table.physicalName} already`, { path });
  }
  if (table.isNew || versionSchema !== undefined) return undefined;
  if (table.columns.some((column) => column.physicalName !== column.name)) {
    return refuse(
      `this migration changes columns of ${table.name} as well, and the view of the new name would show the old ones`,
      { path, fix: 'versioned_schema: true, or a migration of its own for the new name' },
    );
  }
  return table.rowSecurity && model.serverVersion < SECURITY_INVOKER_FROM
    ? refuse(
        `${table.name} has row security, and a view of PostgreSQL ${model.serverVersion} would show every row`,
        { path, fix: 'versions from 15 on have views with security_invoker' },
      )
    : undefined;
}

function whyNotNamed(
  table: TableModel,
  to: { readonly schema: string | undefined; readonly name: string; readonly written: string },
  { model, before }: LoweringContext,
): Refusal | undefined {
  const path = ['to'];
  if (to.schema !== undefined && to.schema !== table.schema) {
    return refuse(`rename_table cannot move ${table.name} to the schema ${to.schema}`, { path });
  }
  const name = { schema: table.schema, name: to.name };
  if (findTable(model, name) === undefined && findTable(before, name) === undefined)
    return undefined;
  return refuse(`there is a table ${writeName(name)} already`, { path });
}
