import pg from 'pg';
import { LockkeeperError } from '../core/errors.ts';
import { loadSaas, type SaasSize } from '../demo/saas/load-saas.ts';
import type { Output } from './output.ts';

/** A tenth of the demo's: there in seconds, and large enough that a backfill takes a few batches. */
const SIZE: SaasSize = { accounts: 2_000, users: 6_000, invoices: 100_000, seed: 2026 };

/**
 * Fills an empty database with the example.
 * @throws LockkeeperError WrongState when it is not empty
 */
export async function loadExampleData(databaseUrl: string, output: Output): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    const { rows } = await pool.query<{ tables: number }>(
      `select count(*)::int as tables from pg_catalog.pg_tables
       where schemaname not in ('pg_catalog', 'information_schema', 'lockkeeper')`,
    );
    const tables = rows[0]?.tables ?? 0;
    if (tables > 0) {
      throw new LockkeeperError(
        'WrongState',
        `the database is not empty: it has ${tables} tables`,
        {
          fix: 'leave --load out, or use another --state',
        },
      );
    }
    output.progress('loading the example');
    await loadSaas(pool, SIZE);
  } finally {
    await pool.end();
  }
}
