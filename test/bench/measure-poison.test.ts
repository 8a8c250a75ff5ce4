import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BenchServer, openBenchServer } from '../../bench/bench-server.ts';
import { measurePoison } from '../../bench/measure-poison.ts';

const ROWS = 12_000;
let server: BenchServer;
beforeAll(async () => {
  server = await openBenchServer();
  await server.load('bigint', ROWS, 1);
});
afterAll(() => server.close());

describe('measurePoison', () => {
  it('finds the one bad row in few batches, and all others moved', async () => {
    const facts = await measurePoison(server, ROWS);
    expect(facts).toMatchObject({ rows: ROWS, rowsMoved: ROWS - 1, rowsSetAside: 1 });
    // Alone it fails, and is set aside after that.
    expect(facts.batchesToIsolate).toBeGreaterThanOrEqual(3);
    expect(facts.batchesToIsolate).toBeLessThanOrEqual(25);
  });
});
