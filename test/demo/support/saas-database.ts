import type { Pool } from 'pg';
import { loadSaas } from '../../../lib/demo/saas/load-saas.ts';
import { fingerprint, fingerprintLines } from '../../../lib/postgres/fingerprint.ts';
import { freshDatabase } from '../../support/postgres.ts';

/** Small enough to load in a moment, large enough for account 11, an imported one. */
export const SMALL = { accounts: 120, users: 240, invoices: 2_000, seed: 7 };

/** The example in a database of its own. */
export interface SaasDatabase {
  readonly url: string;
  readonly pool: Pool;
  /** Hash over the schema. */
  schema(): Promise<string>;
  /** The schema as lines, for people. */
  describe(): Promise<readonly string[]>;
  /** Hash over everything the version from before billing can see. */
  legacyData(): Promise<string>;
  /** The single value of a query, as text. */
  value(sql: string): Promise<string>;
  drop(): Promise<void>;
}

const LEGACY_COLUMNS = {
  accounts: 'id, name, country, plan, billing_email, card_token, created_at',
  users: 'id, account_id, email, full_name, role, last_seen_at, created_at',
  invoices: 'id, account_id, number, amount, currency, status, issued_at, due_at, paid_at',
};

export async function saasDatabase(size = SMALL): Promise<SaasDatabase> {
  const database = await freshDatabase();
  const pool = database.pool();
  await loadSaas(pool, size);
  const session = {
    query: async (sql: string) => (await pool.query(sql)).rows,
    execute: async (sql: string) => (await pool.query(sql)).rowCount ?? 0,
  };
  const value = async (sql: string): Promise<string> => {
    const { rows } = await pool.query<Record<string, unknown>>(sql);
    return String(Object.values(rows[0] ?? {})[0]);
  };
  return {
    url: database.url,
    pool,
    schema: () => fingerprint(session),
    describe: async () =>
      (await fingerprintLines(session)).map(
        ({ kind, name, definition }) => `${kind} ${name}: ${definition.replace(/\s+/g, ' ')}`,
      ),
    legacyData: async () => {
      const hashes = Object.entries(LEGACY_COLUMNS).map(([table, columns]) =>
        value(`select md5(string_agg(row(${columns})::text, ',' order by id)) from ${table}`),
      );
      return (await Promise.all(hashes)).join(' ');
    },
    value,
    drop: () => database.drop(),
  };
}
