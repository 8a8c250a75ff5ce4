import { expect, it } from '@jest/globals';
import { SHAPES } from '../../bench/shapes.ts';
import { startTraffic } from '../../bench/traffic/start-traffic.ts';
import { freshDatabase } from '../support/postgres.ts';

it('is over when it was stopped, whatever becomes of its database', async () => {
  const rows = 1_000;
  const other = await freshDatabase();
  const administrator = await other.pool().connect();
  for (let round = 0; round < 10; round += 1) {
    // GIVEN
    const database = await freshDatabase();
    const pool = database.pool();
    for (const sql of SHAPES.bigint.statements(rows, 1)) await pool.query(sql);
    await pool.end();
    const traffic = await startTraffic({ url: database.url, perSecond: 300, rows, seed: 1 });
    traffic.mark('idle');
    await new Promise((resolve) => setTimeout(resolve, 100));

    // WHEN its database is dropped at once, under connections that are about to end
    const { phases } = await traffic.stop();
    await administrator.query(`drop database ${database.name} with (force)`);

    // THEN
    expect(phases).toMatchObject([{ name: 'idle', failed: 0 }]);
    expect(phases[0]?.transactions).toBeGreaterThan(0);
  }
  administrator.release();
  await other.drop();
});
