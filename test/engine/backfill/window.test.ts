import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs } from '../../../lib/core/ids.ts';
import { WindowsFormat } from '../../../lib/core/migration/format/windows-format.ts';
import type { BackfillStep } from '../../../lib/core/plan/plan.ts';
import { runParity } from '../../../lib/engine/backfill/run-parity.ts';
import { WindowWatch } from '../../../lib/engine/window-watch.ts';
import { settableClock } from '../../support/clocks.ts';
import { type Chamber, fenceOf, ms, openChamber } from './lock-chamber.ts';

const HOUR_MS = 3_600_000;
const NIGHT = WindowsFormat.parse({ backfill: [{ from: '22:00', to: '23:00' }] }).backfill ?? [];
const TEN_SECONDS_BEFORE = Date.UTC(2026, 10, 22, 22, 59, 50);
const CLOSES = TEN_SECONDS_BEFORE + 10_000;

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, moved int default 0)',
    'insert into items select generate_series(1, 2000)',
    'analyze items',
  );
});
afterEach(() => chamber.close());

describe('a backfill whose window closes', () => {
  it('moves at most one more batch, and goes on in the next window', async () => {
    // GIVEN batches of 40 rows, one in three seconds
    const clock = settableClock(TEN_SECONDS_BEFORE);
    const watch = new WindowWatch(NIGHT, clock);
    const options = { clock, windowOpen: () => watch.isOpen(), forMs: 24 * HOUR_MS };
    const step = await chamber.step({ pacing: { minRows: 40, pauseMs: ms(3_000) } });

    // WHEN
    const tonight = await chamber.slice(step, options);

    // THEN it stopped early, although the call had a day
    expect(tonight).toEqual({ kind: 'continue' });
    const after = chamber.reports.filter(({ updatedAt }) => updatedAt >= CLOSES);
    expect(after.length).toBeLessThanOrEqual(1);
    expect(chamber.reports.at(-1)?.rowsDone).toBe(chamber.reports.length * 40);

    // and as long as it is closed nothing is moved
    clock.pass(HOUR_MS);
    const { length } = chamber.reports;
    expect(await chamber.slice(step, options)).toEqual({ kind: 'continue' });
    expect(chamber.reports).toHaveLength(length);

    // WHEN it is ten at night again
    clock.pass(22 * HOUR_MS);

    // THEN
    expect(await chamber.slice(step, options)).toMatchObject({ kind: 'done', rows: 2_000 });
    expect(await chamber.sql('select distinct moved from items')).toEqual([{ moved: 1 }]);
  });

  it('moves nothing after it while the load holds it', async () => {
    // GIVEN a hold that begins in the window and outlasts it
    const clock = settableClock(TEN_SECONDS_BEFORE);
    const watch = new WindowWatch(NIGHT, clock);
    const { database } = chamber;
    const loaded: typeof database = {
      ...database,
      query: async (sql, parameters) => {
        const rows = await database.query(sql, parameters);
        if (!sql.includes('pg_stat_progress_vacuum')) return rows;
        return rows.map((row) => ({ ...row, replica_lag_ms: 30_000 }));
      },
    };

    // WHEN / THEN the call does not wait for the load to go
    const outcome = await chamber.slice(await chamber.step(), {
      database: loaded,
      clock,
      windowOpen: () => watch.isOpen(),
      forMs: HOUR_MS,
    });
    expect(outcome).toEqual({ kind: 'continue' });
    expect(clock.now() - CLOSES).toBeLessThanOrEqual(1_000);
  });

  it('compares at most one more range, and goes on with it in the next window', async () => {
    // GIVEN rows that were moved, and a window that closes after the first range
    const plain = await chamber.step({ pacing: { minRows: 1, maxRows: 100 } });
    const pair = { name: 'moved', sides: { expected: '1', actual: 'moved' } };
    const step: BackfillStep = { ...plain, parity: { pairs: [pair], onMismatch: 'stop' } };
    const clock = settableClock(TEN_SECONDS_BEFORE);
    expect(await chamber.slice(step, { clock })).toMatchObject({ kind: 'done' });
    const watch = new WindowWatch(NIGHT, clock);
    const compared: number[] = [];
    const compare = () =>
      runParity(step, 'backfill', {
        database: chamber.database,
        clock,
        fence: fenceOf(1),
        until: epochMs(clock.now() + 24 * HOUR_MS),
        flags: async () => ({ paused: false, abort: undefined }),
        windowOpen: () => watch.isOpen(),
        report: async ({ parity }) => {
          if (compared.length === 0) clock.pass(10_000);
          compared.push(parity?.compared ?? 0);
        },
      });

    // WHEN / THEN
    expect(await compare()).toEqual({ kind: 'continue' });
    expect(compared).toHaveLength(1);
    expect(compared[0]).toBeLessThan(2_000);
    clock.pass(23 * HOUR_MS);
    expect(await compare()).toMatchObject({ kind: 'done' });
    expect(compared.at(-1)).toBe(2_000);
  });
});
