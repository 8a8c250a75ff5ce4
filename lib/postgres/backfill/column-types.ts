import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Session } from '../../ports/database.ts';

export interface ColumnType {
  /** With its modifier, as PostgreSQL prints it: `numeric(10,2)`. */
  readonly name: string;
  /** Whether `=` sees every difference that matters, and equal values have equal hashes. */
  readonly comparable: boolean;
}

/** By the name of the column, as stored. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>;

/**
 * The types of a table's columns. Types of PostgreSQL itself whose `=` can be trusted: not those
 * without one (json, xml, point), not texts under a collation that calls different ones equal, and
 * not those made of others, whose parts may be of either kind.
 */
export async function readColumnTypes(session: Session, table: TableName): Promise<ColumnTypes> {
  const rows = await session.query(
    `select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type,
       t.typnamespace = 'pg_catalog'::regnamespace and t.typtype = 'b' and t.typelem = 0
         and coalesce(c.collisdeterministic, true)
         and exists (select from pg_opclass o join pg_am m on m.oid = o.opcmethod
                     where m.amname = 'hash' and o.opcdefault and o.opcintype =
                       case when t.typname in ('varchar') then 'text'::regtype else t.oid end) as comparable
     from pg_attribute a join pg_type t on t.oid = a.atttypid
     left join pg_collation c on c.oid = a.attcollation
     where a.attrelid = to_regclass(:table) and a.attnum > 0 and not a.attisdropped`,
    { table: quoteQualified(table) },
  );
  return new Map(
    rows.map((row) => [
      String(row['name']),
      { name: String(row['type']), comparable: row['comparable'] === true },
    ]),
  );
}
