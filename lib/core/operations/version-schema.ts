import { quoteLiteral } from '../backfill/sql-text.ts';
import { quoteName, writeName } from '../sql/sql-name.ts';
import type { StepDraft } from './lowered.ts';
import { VERSION_COMMENT } from './names.ts';
import type { SchemaModel, TableModel } from './schema-model.ts';
import { likenessOf } from './view-likeness.ts';
import { SECURITY_INVOKER_FROM } from './view-of-table.ts';

/**
 * The schema of views through which the new version of an application sees its tables, from expand
 * on: new names, and shadows in the place of the columns that they will replace. A view names
 * columns by number, so it stays right through the swap. Instances of the new version put the
 * schema first on their search path.
 */
export function versionSchemaSteps(schema: string, after: SchemaModel): readonly StepDraft[] {
  const name = quoteName(schema);
  const tables = after.tables.filter(
    (table) => table.schema === after.defaultSchema && table.partitionOf === undefined,
  );
  const comment = quoteLiteral(`${VERSION_COMMENT}${after.defaultSchema}`);
  return [
    {
      kind: 'statement',
      id: 'schema',
      sql: `create schema ${name}`,
      together: [
        `comment on schema ${name} is ${comment}`,
        ...(after.usage ?? []).map((role) => `grant usage on schema ${name} to ${role}`),
      ],
      undo: { kind: 'statement', sql: `drop schema ${name}` },
    },
    ...tables.map((table) => viewStep(schema, table, after)),
    ...usersViews(tables, after).map((view) => passThrough(schema, view, after)),
  ];
}

function viewStep(schema: string, table: TableModel, after: SchemaModel): StepDraft {
  const view = writeName({ schema, name: table.name });
  const columns = table.columns.map(({ name, physicalName }) =>
    name === physicalName ? quoteName(name) : `${quoteName(physicalName)} as ${quoteName(name)}`,
  );
  const source = writeName({ schema: table.schema, name: table.physicalName });
  // A shadow gets its default at the swap; until then the view has it.
  const defaults = table.columns.flatMap((column) =>
    column.changed && column.default !== undefined
      ? [`alter view ${view} alter column ${quoteName(column.name)} set default ${column.default}`]
      : [],
  );
  const together = [...defaults, ...likenessOf(table, view)];
  return {
    kind: 'statement',
    id: `view_${table.name}`,
    sql: `create view ${view}${options(after)} as select ${columns.join(', ')} from ${source}`,
    ...(together.length === 0 ? {} : { together }),
    undo: { kind: 'statement', sql: `drop view ${view}` },
  };
}

function options({ serverVersion }: SchemaModel): string {
  return serverVersion >= SECURITY_INVOKER_FROM ? ' with (security_invoker = true)' : '';
}

/** Views that the users made are reached under their own names as well. */
function usersViews(
  tables: readonly TableModel[],
  { defaultSchema }: SchemaModel,
): readonly string[] {
  const names = tables.flatMap(({ dependents }) =>
    dependents.flatMap(({ kind, relation }) =>
      (kind === 'view' || kind === 'materialized view') && relation?.schema === defaultSchema
        ? [relation.name]
        : [],
    ),
  );
  return [...new Set(names)];
}

function passThrough(schema: string, name: string, after: SchemaModel): StepDraft {
  const view = writeName({ schema, name });
  return {
    kind: 'statement',
    id: `view_${name}`,
    sql: `create view ${view}${options(after)} as select * from ${writeName({ schema: after.defaultSchema, name })}`,
    undo: { kind: 'statement', sql: `drop view ${view}` },
  };
}

/** Nobody reads through them any more: they would only hold on to columns that are dropped. */
export function dropVersions({ versions }: SchemaModel): readonly StepDraft[] {
  return versions.map(({ schema, views }) => ({
    kind: 'statement',
    id: `drop_version_${schema}`,
    sql: views.length === 0 ? `drop schema ${quoteName(schema)}` : dropViews(schema, views),
    ...(views.length === 0 ? {} : { together: [`drop schema ${quoteName(schema)}`] }),
    undo: { kind: 'irreversible', why: `the views of the earlier version in ${schema}` },
  }));
}

function dropViews(schema: string, views: readonly string[]): string {
  return `drop view ${views.map((name) => writeName({ schema, name })).join(', ')}`;
}
