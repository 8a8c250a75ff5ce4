import { epochMs } from '../lib/core/ids.ts';
import { runParity } from '../lib/engine/backfill/run-parity.ts';
import { pgDatabase } from '../lib/local/pg-database.ts';
import type { BenchServer } from './bench-server.ts';
import { distantDatabase } from './distant-database.ts';
import type { ParityFacts } from './facts.ts';
import { CLOCK, FENCE, runLockkeeper, stepOf } from './lockkeeper-way.ts';
import { SHAPES } from './shapes.ts';

const SHAPE = 'bigint';
const LONGEST_MS = 3_600_000;

/** What it costs to compare old and new, beside the backfill of the same table right before. */
export async function measureParity(server: BenchServer, hopMs: number): Promise<ParityFacts> {
  const { url, drop } = await server.fresh(SHAPE);
  try {
    const start = performance.now();
    const { rows } = await runLockkeeper({ url, shape: SHAPE, hopMs });
    const moved = performance.now();
    const compared = await compare(url, hopMs);
    const end = performance.now();
    if (compared !== rows) throw new Error(`${compared} rows were compared, ${rows} were moved`);
    return { rows, backfillSeconds: (moved - start) / 1_000, seconds: (end - moved) / 1_000 };
  } finally {
    await drop();
  }
}

/** One whole pass. @returns the rows that it compared, all of them equal */
async function compare(url: string, hopMs: number): Promise<number> {
  const { column, expression } = SHAPES[SHAPE].target;
  const pair = { name: column, sides: { expected: expression, actual: column, column } };
  const database = pgDatabase({ url });
  let compared = 0;
  try {
    const outcome = await runParity(
      { ...stepOf(SHAPE), parity: { pairs: [pair], onMismatch: 'stop' } },
      'backfill',
      {
        database: distantDatabase(database, hopMs),
        clock: CLOCK,
        fence: FENCE,
        until: epochMs(Date.now() + LONGEST_MS),
        flags: async () => ({ paused: false, abort: undefined }),
        report: async ({ parity }) => {
          compared = parity?.compared ?? compared;
        },
      },
    );
    if (outcome.kind !== 'done') throw new Error(`it ended as ${JSON.stringify(outcome)}`);
    return compared;
  } finally {
    await database.close();
  }
}
