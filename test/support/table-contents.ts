import type pg from 'pg';

/** Every row of every table of a schema as text, so that two states can be compared. */
export async function tableContents(
  pool: pg.Pool,
  schema = 'public',
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind = 'r' order by 1`,
    [schema],
  );
  const contents: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const quoted = `"${schema}"."${name.replaceAll('"', '""')}"`;
    const { rows } = await pool.query<{ line: string }>(
      `select to_jsonb(t)::text as line from ${quoted} t order by 1`,
    );
    contents[name] = rows.map(({ line }) => line);
  }
  return contents;
}
