import pg from 'pg';
import type { Target } from './shapes.ts';

/**
 * The SQL that pgroll 0.14 to 0.16 sends for a backfill (pkg/backfill): a marker column, a BEFORE
 * trigger that does the work on any update, and batches that touch the key of marked rows through a
 * CTE join. Its binary is not run: this is the shape of its statements, without its other costs.
 *
 * @returns rows moved
 */
export async function runPgrollShape(
  url: string,
  batchRows: number,
): Promise<{ readonly rows: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let moved = 0;
    let last = '-1';
    for (;;) {
      const result = await client.query<{ last: string | null; moved: string }>(
        `with batch as (
           select id from items where needs_backfill = true and (id) > (${last})
           order by id limit ${batchRows} for no key update
         ), updated as (
           update items set id = items.id from batch where items.id = batch.id returning items.id
         )
         select max(id)::text as last, count(*)::text as moved from updated`,
      );
      const [row] = result.rows;
      if (row === undefined || row.last === null) break;
      last = row.last;
      moved += Number(row.moved);
    }
    return { rows: moved };
  } finally {
    await client.end();
  }
}

/** What pgroll does to the table before its backfill; it adds no row version. */
export function pgrollPreparation({ column, expression }: Target): readonly string[] {
  return [
    'alter table items add column needs_backfill boolean default true',
    `create function pgroll_fill() returns trigger language plpgsql as $$
     declare email items.email%type := new.email;
     begin new.${column} := ${expression}; new.needs_backfill := false; return new; end $$`,
    `create trigger pgroll_fill before insert or update on items
     for each row execute function pgroll_fill()`,
  ];
}
