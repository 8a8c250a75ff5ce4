import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SignalName } from '../../../lib/core/backfill/signals.ts';
import { LockkeeperError } from '../../../lib/core/errors.ts';
import type { ExecutionFlags } from '../../../lib/core/executions/execution.ts';
import type { StepProgress } from '../../../lib/ports/control-store.ts';
import { type Database, DatabaseError } from '../../../lib/ports/database.ts';
import type { HostFigures } from '../../../lib/ports/host-metrics.ts';
import { sleeplessClock } from '../../support/clocks.ts';
import { type Chamber, ms, openChamber } from './lock-chamber.ts';

/** Batches a second apart, so that there is a look beside each of them. */
const A_LOOK_A_BATCH = { pacing: { minRows: 40, maxRows: 40, pauseMs: ms(1_000) } };
const LONG = { forMs: 3_600_000 };

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, moved int default 0)',
    'insert into items select generate_series(1, 500)',
    'analyze items',
  );
});
afterEach(() => chamber.close());

const reportsThatHeld = () => chamber.reports.filter(({ state }) => state === 'held');

function figure(progress: StepProgress | undefined, name: SignalName) {
  return progress?.load?.find(({ signal }) => signal === name);
}

describe('the load of a target', () => {
  it('is shown with each value beside the ones at which it holds and goes on', async () => {
    // WHEN
    const tuning: ExecutionFlags['tuning'] = { holdConnections: 45, holdDead: 90 };
    await chamber.slice(await chamber.step(A_LOOK_A_BATCH), {
      ...LONG,
      clock: sleeplessClock(),
      flags: async () => ({ paused: false, abort: undefined, tuning }),
    });

    // THEN of the last batch, after which there is nothing to hold
    const last = chamber.reports.findLast(({ state }) => state === 'running');
    expect(last?.load).toMatchObject([
      { signal: 'waitingForUs', unit: 'sessions', value: 0, holdsAt: 10, goesOnAt: 2 },
      { signal: 'connections', unit: '%', holdsAt: 45, goesOnAt: 40 },
      { signal: 'replicaLag', unit: 'ms', value: 0, holdsAt: 10_000, goesOnAt: 2_000 },
      { signal: 'commitLatency', unit: 'ms', holdsAt: 100, goesOnAt: 50 },
      { signal: 'wal', unit: 'MB/s', holdsAt: 200, goesOnAt: 100 },
      { signal: 'oldestSnapshot', unit: 'ms', holdsAt: 3_600_000, goesOnAt: 600_000 },
      { signal: 'deadRows', unit: '%', holdsAt: 90, goesOnAt: 45 },
      { signal: 'wraparoundVacuum', unit: 'yes or no', value: 0, holdsAt: 1, goesOnAt: 0 },
      { signal: 'vacuum', unit: 'yes or no', value: 0 },
    ]);
    expect(last?.load?.some(({ holds }) => holds)).toBe(false);
    expect(figure(last, 'commitLatency')?.value).toBeLessThan(1_000);
    expect(chamber.reports.at(-1)).not.toHaveProperty('load');
    const beats = await chamber.sql(
      'select execution_id, beats > 3 as often from lockkeeper.pulse',
    );
    expect(beats).toEqual([{ execution_id: '0001_fill-abcd', often: true }]);
  });
});

describe('commits that take long', () => {
  /** Each commit of the pulse waits, as one does for a slow disk or a synchronous replica. */
  const SLOW_COMMITS = [
    `create function lag() returns trigger language plpgsql as
     $$ begin perform pg_sleep(0.15); return null; end $$`,
    `create constraint trigger slow after insert or update on lockkeeper.pulse
     deferrable initially deferred for each row execute function lag()`,
  ];

  it('hold the backfill once several looks found them, and let it go when most are fast again', async () => {
    // GIVEN
    for (const statement of SLOW_COMMITS) await chamber.sql(statement);

    // WHEN the disk recovers while it is held
    const outcome = await chamber.slice(await chamber.step(A_LOOK_A_BATCH), {
      ...LONG,
      clock: sleeplessClock(),
      onReport: async () => {
        if (reportsThatHeld().length === 2)
          await chamber.sql('drop trigger if exists slow on lockkeeper.pulse');
      },
    });

    // THEN
    expect(outcome).toMatchObject({ kind: 'done', rows: 500 });
    const held = reportsThatHeld();
    expect(held[0]?.heldBy).toMatch(/^a commit of one row takes \d{3,} ms$/);
    expect(figure(held[0], 'commitLatency')).toMatchObject({ holds: true, holdsAt: 100 });
    expect(chamber.reports.findIndex(({ state }) => state === 'held')).toBeGreaterThan(1);
    expect(held.length).toBeLessThanOrEqual(6);
  });

  it('hold it when they cannot be timed', async () => {
    // GIVEN
    const { database } = chamber;
    const broken: Database = {
      ...database,
      execute: async (sql, parameters) => {
        if (!sql.includes('lockkeeper.pulse')) return await database.execute(sql, parameters);
        throw new DatabaseError('resources', 'could not extend file', { sqlstate: '53100' });
      },
    };

    // THEN
    const outcome = await chamber.slice(await chamber.step(), {
      ...LONG,
      database: broken,
      clock: sleeplessClock(),
    });
    expect(outcome).toMatchObject({ kind: 'wait', reason: 'time of a commit: cannot be read' });
    expect(figure(reportsThatHeld()[0], 'commitLatency')).toMatchObject({
      value: 'unreadable',
      holds: true,
    });
    expect(await chamber.sql('select distinct moved from items')).toEqual([{ moved: 0 }]);
  });
});

describe('a server without connections to spare', () => {
  it('holds the backfill until some are free again', async () => {
    // GIVEN nine of ten that are not reserved, and two more: the pool has some already
    const [free] = await chamber.sql(
      `select ceil(0.9 * (current_setting('max_connections')::int4
         - current_setting('superuser_reserved_connections')::int4
         - current_setting('reserved_connections')::int4) - count(*))::int4 + 2 as wanted
       from pg_stat_activity where backend_type = 'client backend'`,
    );
    chamber.pool.options.max = Number(free?.['wanted']);
    const taken = await Promise.all(
      Array.from({ length: Number(free?.['wanted']) }, () => chamber.pool.connect()),
    );

    // WHEN some go away
    const outcome = await chamber.slice(await chamber.step(), {
      ...LONG,
      clock: sleeplessClock(),
      onReport: async ({ state }) => {
        if (state !== 'held') return;
        for (const client of taken.splice(0, 8)) client.release(true);
        await new Promise((resolve) => setTimeout(resolve, 50));
      },
    });
    for (const client of taken) client.release(true);

    // THEN
    expect(outcome).toMatchObject({ kind: 'done', rows: 500 });
    const [first] = reportsThatHeld();
    expect(first?.heldBy).toMatch(/^9\d% of the server's connections are in use$/);
    expect(figure(first, 'connections')).toMatchObject({ holds: true, holdsAt: 90, goesOnAt: 80 });
  });
});

describe('what CloudWatch says of the writer', () => {
  const CALM: HostFigures = {
    cpuPercent: 40,
    cpuCredits: undefined,
    acuPercent: undefined,
    freeLocalBytes: undefined,
  };
  let asked: number;
  beforeEach(() => {
    asked = 0;
  });
  /** The figures of one minute after the other; the last ones stay. */
  const host = (...minutes: readonly (HostFigures | Error)[]) => ({
    read: async () => {
      const figures = minutes[Math.min(asked, minutes.length - 1)] ?? CALM;
      asked += 1;
      if (figures instanceof Error) throw figures;
      return figures;
    },
  });
  const unreachable = new LockkeeperError('TargetUnreachable', 'CloudWatch did not answer');

  it('is asked once a minute, and not shown where it is not turned on', async () => {
    const step = await chamber.step(A_LOOK_A_BATCH);
    await chamber.slice(step, { ...LONG, clock: sleeplessClock(), host: host(CALM) });
    // 13 batches, a second each
    expect(asked).toBe(1);
    const running = chamber.reports.findLast(({ state }) => state === 'running');
    expect(figure(running, 'cpu')).toMatchObject({ value: 40, holdsAt: 90, goesOnAt: 75 });
    expect(figure(running, 'acu')).toBeUndefined();
  });

  it.each<[string, HostFigures, RegExp]>([
    ['a busy CPU', { ...CALM, cpuPercent: 97 }, /^the writer's CPU is 97% busy$/],
    ['spent credits', { ...CALM, cpuCredits: 12 }, /^the writer has 12 CPU credits left$/],
    ['no capacity to grow', { ...CALM, acuPercent: 100 }, /^the writer has grown to 100% of/],
  ])('holds the backfill for %s', async (_what, figures, reason) => {
    const outcome = await chamber.slice(await chamber.step(), {
      ...LONG,
      clock: sleeplessClock(),
      host: host(figures),
    });
    expect(outcome).toMatchObject({ kind: 'wait', reason: expect.stringMatching(reason) });
  });

  it('holds the backfill when it cannot be read, and is asked again soon', async () => {
    const outcome = await chamber.slice(await chamber.step(), {
      ...LONG,
      clock: sleeplessClock(),
      host: host(unreachable, CALM),
    });
    expect(outcome).toMatchObject({ kind: 'done', rows: 500 });
    const held = reportsThatHeld();
    expect(held[0]?.heldBy).toBe('CPU of the writer: cannot be read');
    expect(held.length).toBeLessThanOrEqual(11);
  });
});
