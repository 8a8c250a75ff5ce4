import { quoteName, writeName } from '../sql/sql-name.ts';
import type { SchemaModel, TableModel } from './schema-model.ts';
import { likenessOf } from './view-likeness.ts';

/** From PostgreSQL 15 on a view can ask for the rights of who uses it, row security among them. */
export const SECURITY_INVOKER_FROM = 15;

/** A view that shows a whole table under another name, in the table's schema. */
export interface TableView {
  readonly model: SchemaModel;
  readonly table: TableModel;
  /** What the view is called. */
  readonly view: string;
  /** What the table is called when the view is made. */
  readonly shows: string;
}

/**
 * The statements that make the view: it can be written to as the table can (PostgreSQL's
 * automatically updatable views), by the same roles.
 */
export function viewOfTable({
  model,
  table,
  view,
  shows,
}: TableView): readonly [string, ...string[]] {
  const name = inSchemaOf(table, view, model);
  const options =
    model.serverVersion < SECURITY_INVOKER_FROM ? '' : ' with (security_invoker = true)';
  const columns = table.columns.map((column) => quoteName(column.name)).join(', ');
  return [
    `create view ${name}${options} as select ${columns} from ${inSchemaOf(table, shows, model)}`,
    ...likenessOf(table, name),
  ];
}

/** A name in the schema of the table, which is left out when it is the default one. */
export function inSchemaOf({ schema }: TableModel, name: string, model: SchemaModel): string {
  return writeName({ schema: schema === model.defaultSchema ? undefined : schema, name });
}
