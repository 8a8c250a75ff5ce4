import { describe, expect, it } from '@jest/globals';
import { type LoadProgress, loadSaas } from '../../lib/demo/saas/load-saas.ts';
import { freshDatabase } from '../support/postgres.ts';
import { SMALL, saasDatabase } from './support/saas-database.ts';

describe('loading the example', () => {
  it('gives the same rows for the same seed, and others for another', async () => {
    // GIVEN
    const databases = await Promise.all([SMALL, SMALL, { ...SMALL, seed: 8 }].map(saasDatabase));
    try {
      // WHEN
      const [first, second, third] = await Promise.all(databases.map((one) => one.legacyData()));

      // THEN
      expect(first).toBe(second);
      expect(first).not.toBe(third);
    } finally {
      await Promise.all(databases.map((one) => one.drop()));
    }
  });

  it('loads as many rows as asked for, says how far it is, and leaves the ids going on', async () => {
    // GIVEN
    const database = await freshDatabase();
    const pool = database.pool();
    const progress: LoadProgress[] = [];

    // WHEN
    await loadSaas(pool, { ...SMALL, onProgress: (step) => progress.push(step) });

    // THEN
    const { rows } = await pool.query(
      `insert into accounts (name, country, billing_email) values ('Next', 'SE', 'n@x.example')
       returning id, (select count(*) from users) as users, (select count(*) from invoices) as invoices`,
    );
    expect(rows).toEqual([{ id: '121', users: '240', invoices: '2000' }]);
    expect(progress.map(({ step, rows: loaded }) => [step, loaded])).toEqual([
      ['accounts', 120],
      ['users', 360],
      ['invoices', 2360],
      ['constraints', 2360],
      ['statistics', 2360],
    ]);
    await database.drop();
  });
});
