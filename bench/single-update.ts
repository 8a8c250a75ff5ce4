import pg from 'pg';
import { TARGET } from './shapes.ts';

/** One statement for the whole table: what everything is compared to. @returns rows moved */
export async function runSingleUpdate(url: string): Promise<{ readonly rows: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query(`update items set ${TARGET.column} = ${TARGET.expression}`);
    return { rows: result.rowCount ?? 0 };
  } finally {
    await client.end();
  }
}
