import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionFlags } from '../../../lib/core/executions/execution.ts';
import { BatchFormat } from '../../../lib/core/migration/format/backfill-format.ts';
import type { Database, Row } from '../../../lib/ports/database.ts';
import { settableClock, sleeplessClock } from '../../support/clocks.ts';
import { type Chamber, ms, openChamber } from './lock-chamber.ts';

/** The first readings are calm, then come some under load, then calm ones again. */
const CALM_BEFORE = 3;
const UNDER_LOAD = 5;

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, moved int default 0)',
    'insert into items select generate_series(1, 2000)',
    'analyze items',
  );
});
afterEach(() => chamber.close());

async function movedRows(): Promise<number> {
  const [row] = await chamber.sql('select count(*)::int as moved from items where moved = 1');
  return Number(row?.['moved']);
}

interface Sample {
  readonly underLoad: boolean;
  readonly movedBefore: number;
}

/** A database whose load signals are what `load` makes of them while it lasts. */
function loaded(load: (row: Row, sample: number) => Row, samples: Sample[]): Database {
  const { database } = chamber;
  return {
    ...database,
    query: async (sql, parameters) => {
      const rows = await database.query(sql, parameters);
      if (!sql.includes('pg_stat_progress_vacuum')) return rows;
      const number = samples.length;
      const underLoad = number >= CALM_BEFORE && number < CALM_BEFORE + UNDER_LOAD;
      samples.push({ underLoad, movedBefore: await movedRows() });
      return rows.map((row) => load(underLoad ? row : { ...row, calm: true }, number));
    },
  };
}

/** A second of WAL: little when calm, far too much in a storm. */
function walStorm(): (row: Row, sample: number) => Row {
  let written = 0;
  return (row) => {
    written += row['calm'] === true ? 1e6 : 2e9;
    return { ...row, wal_bytes: written };
  };
}

const injected = (key: string, value: number) => (row: Row) =>
  row['calm'] === true ? row : { ...row, [key]: value };

describe('under an injected load', () => {
  it.each([
    ['a replica lag', () => injected('replica_lag_ms', 30_000), /^a replica is 30000 ms behind$/],
    ['blocked sessions', () => injected('waiting', 12), /^12 sessions wait for our row locks$/],
    ['a WAL storm', walStorm, /^the server writes \d+ MB of WAL a second$/],
  ])(
    '%s: the rate drops to zero, says why, and recovers within two samples',
    async (_name, load, reason) => {
      // GIVEN batches that take a second, a reading in each
      const samples: Sample[] = [];
      const database = loaded(load(), samples);
      const step = await chamber.step({ pacing: { pauseMs: ms(1_000) } });

      // WHEN
      const outcome = await chamber.slice(step, {
        database,
        clock: sleeplessClock(),
        forMs: 3_600_000,
      });

      // THEN it held while it lasted: from the first reading under load on, no row was moved
      expect(outcome).toMatchObject({ kind: 'done', rows: 2_000 });
      const [first, ...later] = samples.filter(({ underLoad }) => underLoad);
      expect(later).toHaveLength(UNDER_LOAD - 1);
      // The batch that ran beside the first reading was on its way already.
      expect(new Set(later.map(({ movedBefore }) => movedBefore)).size).toBe(1);
      expect((later[0]?.movedBefore ?? 0) - (first?.movedBefore ?? 0)).toBeLessThanOrEqual(40);
      const held = chamber.reports.filter(({ state }) => state === 'held');
      expect(held).toHaveLength(1 + UNDER_LOAD);
      for (const { heldBy } of held) expect(heldBy).toMatch(reason);

      // and rows move again before the second reading after it
      const calm = samples.slice(CALM_BEFORE + UNDER_LOAD);
      expect(calm[2]?.movedBefore ?? 2_000).toBeGreaterThan(later.at(-1)?.movedBefore ?? 2_000);
    },
  );
});

describe('somebody who tunes', () => {
  const flags = (tuning: ExecutionFlags['tuning']) => async (): Promise<ExecutionFlags> => ({
    paused: false,
    abort: undefined,
    tuning,
  });

  it('changes the size of batches from the next one on', async () => {
    // GIVEN
    let tuning: ExecutionFlags['tuning'];
    const step = await chamber.step({ pacing: { minRows: 10, maxRows: 40 } });

    // WHEN somebody wants larger batches after some rows
    const outcome = await chamber.slice(step, {
      flags: () => flags(tuning)(),
      onReport: ({ rowsDone = 0 }) => {
        if (rowsDone >= 400) tuning = { maxRows: 400 };
      },
    });

    // THEN the last report shows how they grew
    expect(outcome).toMatchObject({ kind: 'done', rows: 2_000 });
    const sizes = chamber.reports.at(-1)?.batches?.map(({ rows }) => rows) ?? [];
    expect(Math.max(...sizes)).toBeGreaterThan(40);
    expect(sizes[0]).toBeLessThanOrEqual(40);
  });

  it('is not needed for the night, which has batches of its own', async () => {
    // GIVEN a night that begins in the middle of the backfill, by a clock that goes fast
    const hours = BatchFormat.parse({
      quiet: { target: '500ms', hours: [{ from: '22:00', to: '05:00' }] },
    });
    const start = Date.UTC(2026, 10, 22, 21, 59, 55);
    const clock = settableClock(start);
    const pacing = { ...hours, minRows: 10, maxRows: 100, pauseMs: ms(2_000) };
    const step = await chamber.step({ pacing });
    const timeouts: string[] = [];
    const database: Database = {
      ...chamber.database,
      query: async (sql, parameters) => {
        const found = /lock_timeout_ms => (\d+)/.exec(sql)?.[1];
        if (found !== undefined) timeouts.push(found);
        return await chamber.database.query(sql, parameters);
      },
    };

    // WHEN
    await chamber.slice(step, { database, clock, forMs: 600_000 });

    // THEN the longest wait for a row, which follows the target, says when it changed
    expect(timeouts[0]).toBe('100');
    expect(timeouts.at(-1)).toBe('500');
  });

  it('changes what holds it, and lets go of what is held', async () => {
    // GIVEN a lag that does not hold by itself, and a threshold that makes it
    const steady: Database = {
      ...chamber.database,
      query: async (sql, parameters) => {
        const rows = await chamber.database.query(sql, parameters);
        if (!sql.includes('pg_stat_progress_vacuum')) return rows;
        return rows.map((row) => ({ ...row, replica_lag_ms: 800 }));
      },
    };
    const options = { database: steady, clock: sleeplessClock(), forMs: 600_000 };
    const step = await chamber.step();

    // WHEN
    const tight = await chamber.slice(step, { ...options, flags: flags({ holdLag: 500 }) });
    const loose = await chamber.slice(step, { ...options, flags: flags({ holdLag: 60_000 }) });

    // THEN
    expect(tight).toEqual({ kind: 'wait', seconds: 10, reason: 'a replica is 800 ms behind' });
    expect(loose).toMatchObject({ kind: 'done', rows: 2_000 });
  });
});
