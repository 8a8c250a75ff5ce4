import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Session } from '../../ports/database.ts';

export interface ColumnType {
  /** With its modifier, as PostgreSQL prints it: `numeric(10,2)`. */
  readonly name: string;
  /** Whether `=` sees every difference that matters, and equal values have equal hashes. */
  readonly comparable: boolean;
  /** Its own 64-bit hash function with a seed; undefined where only the hash of a record takes it. */
  readonly hash: string | undefined;
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
         and coalesce(c.collisdeterministic, true) and o.oid is not null as comparable,
       (select f.proname::text from pg_amproc x join pg_proc f on f.oid = x.amproc
        where x.amprocfamily = o.opcfamily and x.amproclefttype = o.opcintype
          and x.amprocrighttype = o.opcintype and x.amprocnum = 2
          and f.proargtypes[0] = o.opcintype) as hash
     from pg_attribute a join pg_type t on t.oid = a.atttypid
     left join pg_collation c on c.oid = a.attcollation
     left join pg_opclass o on o.opcdefault
       and o.opcmethod = (select m.oid from pg_am m where m.amname = 'hash')
       and o.opcintype = case when t.typname = 'varchar' then 'text'::regtype else t.oid end
     where a.attrelid = to_regclass(:table) and a.attnum > 0 and not a.attisdropped`,
    { table: quoteQualified(table) },
  );
  return new Map(
    rows.map((row) => [
      String(row['name']),
      {
        name: String(row['type']),
        comparable: row['comparable'] === true,
        hash: textOf(row['hash']),
      },
    ]),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
