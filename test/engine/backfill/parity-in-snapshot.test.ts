import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs } from '../../../lib/core/ids.ts';
import type { BackfillStep } from '../../../lib/core/plan/plan.ts';
import { runParity } from '../../../lib/engine/backfill/run-parity.ts';
import type { SliceContext, SliceOutcome } from '../../../lib/engine/backfill/slice.ts';
import type { Database, Session } from '../../../lib/ports/database.ts';
import { type Chamber, fenceOf, openChamber, realClock } from './lock-chamber.ts';

const ROWS = 12_000;
const CLEAN = { kind: 'done', rows: ROWS, quarantined: 0 };

let chamber: Chamber;
let step: BackfillStep;
beforeEach(async () => {
  chamber = await openChamber(
    `create table items (id uuid primary key default gen_random_uuid(), amount numeric, cents int)
       with (autovacuum_enabled = off)`,
    `insert into items (amount) select n / 8.0 from generate_series(1, ${ROWS}) n`,
    'analyze items',
  );
  step = {
    ...(await chamber.step({
      work: { kind: 'update', set: { cents: 'round(amount * 100)' }, where: undefined },
      repeatable: true,
      pacing: { maxRows: 4_000 },
    })),
    parity: {
      pairs: [
        {
          name: 'cents',
          sides: { expected: 'round(amount * 100)', actual: '"cents"', column: 'cents' },
        },
      ],
      onMismatch: 'stop',
    },
  };
  expect(await chamber.slice(step)).toEqual(CLEAN);
});
afterEach(() => chamber.close());

function compare(change: Partial<SliceContext> = {}): Promise<SliceOutcome> {
  return runParity(step, 'backfill', {
    database: chamber.database,
    clock: realClock,
    fence: fenceOf(1),
    until: epochMs(Date.now() + 30_000),
    flags: async () => ({ paused: false, abort: undefined }),
    report: async (progress) => {
      chamber.reports.push(progress);
    },
    ...change,
  });
}

/** Tells of each statement before it runs. */
function watched(database: Database, before: (sql: string) => Promise<void>): Database {
  const session = (inner: Session): Session => ({
    query: async (sql, parameters) => {
      await before(sql);
      return await inner.query(sql, parameters);
    },
    execute: (sql, parameters) => inner.execute(sql, parameters),
  });
  return {
    ...session(database),
    transaction: (work) => database.transaction((tx) => work(session(tx))),
    submit: (sql) => database.submit(sql),
    close: () => database.close(),
  };
}

const pass = () =>
  chamber.sql(`select rows_compared::int as compared, digest_expected = digest_actual and digest_actual <> 0
    as agree, finished_at is not null as ended from lockkeeper.parity`);
const isCount = (sql: string) => sql.includes('ctid');

describe('comparing old and new where the key is in random order', () => {
  it('goes through the pages in one snapshot, and counts every row', async () => {
    let counts = 0;
    const database = watched(chamber.database, async (sql) => {
      if (isCount(sql)) counts += 1;
    });
    expect(await compare({ database })).toEqual(CLEAN);
    expect(counts).toBe(1);
    expect(await pass()).toEqual([{ compared: ROWS, agree: true, ended: true }]);
    expect(chamber.reports.at(-1)).toMatchObject({ state: 'done', parity: { compared: ROWS } });
  });

  it('names the rows that differ by their keys', async () => {
    const [wrong] = await chamber.sql(
      `update items set cents = -1 where id = (select id from items order by amount limit 1)
       returning id::text as id`,
    );
    expect(await compare()).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(`1 row: (id)=(${wrong?.['id']})`),
    });
  });

  it('sees what was right when it began, whatever is written meanwhile', async () => {
    // GIVEN somebody who spoils a row once the snapshot is taken
    let spoiled = false;
    const database = watched(chamber.database, async (sql) => {
      if (spoiled || !isCount(sql)) return;
      spoiled = true;
      await chamber.sql(`update items set cents = -1 where amount = ${ROWS / 8}`);
    });

    // THEN that pass is clean, and the next one is not
    expect(await compare({ database })).toEqual(CLEAN);
    expect(spoiled).toBe(true);
    await chamber.sql(`update lockkeeper.parity set finished_at = finished_at - interval '1 day'`);
    expect(await compare()).toMatchObject({ kind: 'failed' });
  });

  it('goes by the key from then on when it did not fit a call', async () => {
    // GIVEN a call whose time is up as soon as the snapshot is taken
    let late = false;
    let counted = false;
    const database = watched(chamber.database, async (sql) => {
      late ||= sql.includes('pg_relation_size');
      counted ||= isCount(sql);
    });
    const clock = { ...realClock, now: () => epochMs(Date.now() + (late ? 60_000 : 0)) };
    const first = await compare({ database, clock });

    // WHEN it is called again, with time
    const second = await compare({ database });

    // THEN no page was ever counted, and every row was
    expect(first).toEqual({ kind: 'continue' });
    expect(second).toEqual(CLEAN);
    expect(counted).toBe(false);
    expect(await pass()).toEqual([{ compared: ROWS, agree: true, ended: true }]);
  });

  it('is paused between two stretches, and begins anew', async () => {
    const paused = await compare({ flags: async () => ({ paused: true, abort: undefined }) });
    expect(paused).toMatchObject({ kind: 'wait', reason: 'paused by an operator' });
    expect(await compare()).toEqual(CLEAN);
  });
});
