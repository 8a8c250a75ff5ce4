import pg from 'pg';
import type { Target } from './shapes.ts';

/** One statement for the whole table: what everything is compared to. @returns rows moved */
export async function runSingleUpdate(
  url: string,
  { column, expression }: Target,
): Promise<{ readonly rows: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query(`update items set ${column} = ${expression}`);
    return { rows: result.rowCount ?? 0 };
  } finally {
    await client.end();
  }
}
