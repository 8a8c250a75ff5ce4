import type { Session } from '../../ports/database.ts';

/** A table and about how many rows it has. */
export interface TableSize {
  /** Qualified and quoted where it must be. */
  readonly table: string;
  /** From pg_class.reltuples; undefined when it was never analyzed. */
  readonly estimatedRows: number | undefined;
}

/** So many fit into one item of the control store with room to spare: 200 x 150 bytes = 30 kB of 400 kB. */
const LARGEST = 200;
/** Counting so many takes far less than the 45 s of one Data API call, cold cache included. */
const COUNTED_ROWS = 100_000;

/** The largest tables by the planner's estimate. Reads the catalog only, so it costs production nothing. */
export async function tableSizes(session: Session): Promise<readonly TableSize[]> {
  const rows = await session.query(
    `select c.oid::regclass::text as name, c.reltuples::float8 as rows
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not like 'pg\\_%'
       and n.nspname not in ('information_schema', 'lockkeeper')
     order by c.reltuples desc, 1 limit ${LARGEST}`,
  );
  return rows.map((row) => {
    const estimate = Number(row['rows']);
    return { table: String(row['name']), estimatedRows: estimate < 0 ? undefined : estimate };
  });
}

/** What a table that is there holds: counted where that is quick, else estimated. */
export type RowsFound =
  | { readonly kind: 'missing' }
  | { readonly kind: 'counted'; readonly rows: number }
  /** It has rows, about as many as the planner thinks. */
  | { readonly kind: 'estimated'; readonly rows: number }
  | { readonly kind: 'empty' };

/** Looks into a table of a restored database: reads its pages, not only its catalog. */
export async function rowsFound(session: Session, { table }: TableSize): Promise<RowsFound> {
  const [entry] = await session.query(
    `select c.reltuples::float8 as rows from pg_class c where c.oid = to_regclass(:table)`,
    { table },
  );
  if (entry === undefined) return { kind: 'missing' };
  const estimate = Number(entry['rows']);
  // The name came out of regclass, which quotes it.
  if (estimate >= 0 && estimate <= COUNTED_ROWS) {
    const [counted] = await session.query(`select count(*)::float8 as rows from ${table}`);
    return { kind: 'counted', rows: Number(counted?.['rows']) };
  }
  const [some] = await session.query(`select exists (select from ${table}) as any_row`);
  return some?.['any_row'] === true
    ? { kind: 'estimated', rows: Math.max(estimate, 0) }
    : { kind: 'empty' };
}
