import type { TableName } from '../core/plan/plan.ts';
import type { Session } from '../ports/database.ts';

/**
 * The relation that a name means to the server, with its schema.
 * @param written as in SQL: `invoices`, `public.invoices`, `"Invoices"`
 */
export async function resolveTable(
  session: Session,
  written: string,
): Promise<TableName | undefined> {
  const [row] = await session.query(
    `select n.nspname::text as schema, c.relname::text as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.oid = to_regclass(:written)`,
    { written },
  );
  return row === undefined
    ? undefined
    : { schema: String(row['schema']), name: String(row['name']) };
}
