import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { exampleDirectory } from './example-directory.ts';
import { INSERT_ACCOUNTS, INSERT_INVOICES, INSERT_USERS } from './rows.ts';

/** How large the example is and what its rows depend on. */
export interface SaasSize {
  readonly accounts: number;
  /** At least as many as accounts: each has an owner. */
  readonly users: number;
  readonly invoices: number;
  /** Same seed, same rows. */
  readonly seed: number;
}

/** What `npm start` loads: the largest table has a million rows, about 50 for each account. */
export const DEMO_SIZE: SaasSize = {
  accounts: 20_000,
  users: 60_000,
  invoices: 1_000_000,
  seed: 2026,
};

/** How far loading has come. */
export interface LoadProgress {
  readonly step: 'accounts' | 'users' | 'invoices' | 'constraints' | 'statistics';
  /** Rows loaded of all rows, over all tables. */
  readonly rows: number;
  readonly totalRows: number;
}

/** Small enough to show progress a few times a second, large enough to cost nothing. */
const CHUNK_ROWS = 100_000;

/**
 * Creates the starting schema of the example in an empty database and fills it.
 * @param options.onProgress called after each chunk. @default - nobody is told
 */
export async function loadSaas(
  pool: Pool,
  options: SaasSize & { readonly onProgress?: (progress: LoadProgress) => void },
): Promise<void> {
  const { accounts, users, invoices, seed } = options;
  const totalRows = accounts + users + invoices;
  let rows = 0;
  const tell = (step: LoadProgress['step']) => options.onProgress?.({ step, rows, totalRows });

  const fill = async (
    step: 'accounts' | 'users' | 'invoices',
    sql: string,
    count: number,
    more: readonly number[],
  ): Promise<void> => {
    for (let first = 1; first <= count; first += CHUNK_ROWS) {
      const last = Math.min(count, first + CHUNK_ROWS - 1);
      await pool.query(sql, [seed, first, last, ...more]);
      rows += last - first + 1;
      tell(step);
    }
    await pool.query(`select setval(pg_get_serial_sequence('${step}', 'id'), $1, true)`, [count]);
  };

  await pool.query(await schemaFile('tables.sql'));
  await fill('accounts', INSERT_ACCOUNTS, accounts, []);
  await fill('users', INSERT_USERS, users, [accounts]);
  await fill('invoices', INSERT_INVOICES, invoices, [accounts, invoices]);
  await pool.query(await schemaFile('constraints.sql'));
  tell('constraints');
  // Sets the hint bits too; otherwise the first readers would, and their times would show it.
  await pool.query('vacuum (analyze) accounts, users, invoices');
  tell('statistics');
}

function schemaFile(name: string): Promise<string> {
  return readFile(join(exampleDirectory(), 'schema', name), 'utf8');
}
