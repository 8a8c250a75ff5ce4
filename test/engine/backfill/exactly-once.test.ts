import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adoptFence } from '../../../lib/postgres/ledger/fence.ts';
import { faultScripts, impatient, untilDone } from './fault-scripts.ts';
import { type Chamber, fenceOf, openChamber } from './lock-chamber.ts';

const ROWS = 300;
/** Counts what really happened to a row, whatever the work says it did. */
const COUNTING_TABLE = [
  'create table items (id bigint primary key, label text, moved int not null default 0)',
  `create function count_move() returns trigger language plpgsql as
   $$ begin new.moved := old.moved + 1; return new; end $$`,
  `create trigger count_move before update of label on items
   for each row execute function count_move()`,
];
const WORK = { kind: 'update', set: { label: `'row ' || id` }, where: undefined } as const;

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(...COUNTING_TABLE);
});
afterEach(() => chamber.close());

/** @param large as many rows as make it stride and pay for workers, as far as the statistics tell */
async function refill(large: boolean): Promise<void> {
  await chamber.sql('truncate items, lockkeeper.backfills, lockkeeper.quarantine');
  await chamber.sql(`insert into items select n * 3 from generate_series(1, ${ROWS}) n`);
  await chamber.sql('analyze items');
  const rows = large ? 1e6 : ROWS;
  await chamber.sql(`update pg_class set reltuples = ${rows} where oid = 'items'::regclass`);
}

async function expectEachRowMovedOnce(rows = ROWS): Promise<void> {
  expect(await chamber.sql('select moved, count(*)::int from items group by 1 order by 1')).toEqual(
    [{ moved: 1, count: rows }],
  );
}

describe('runBackfillSlice moves each row exactly once', () => {
  it.each([
    { workers: 1, scripts: 200 },
    { workers: 3, scripts: 40 },
  ])(
    'whatever call is lost, and wherever it is killed, by as many workers as $workers',
    async ({ workers, scripts }) => {
      await fc.assert(
        fc.asyncProperty(faultScripts(50, 150), fc.boolean(), async (script, strided) => {
          await refill(strided || workers > 1);
          const step = await chamber.step({ work: WORK, pacing: { workers } });
          expect(await untilDone(chamber, step, script)).toMatchObject({ rows: ROWS });
          await expectEachRowMovedOnce();
        }),
        { numRuns: scripts },
      );
      // Each run is a backfill of its own: a minute on a machine with other work.
    },
    240_000,
  );

  it('when two runners with the same fence work at once', async () => {
    // GIVEN
    await refill(true);
    const step = await chamber.step({ work: WORK, pacing: { maxRows: 10 } });

    // WHEN
    const outcomes = await Promise.all([
      chamber.slice(step, { clock: impatient }),
      chamber.slice(step, { clock: impatient }),
      chamber.slice(step, { clock: impatient }),
    ]);

    // THEN
    expect(outcomes).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'done', rows: ROWS, quarantined: 0 })),
    );
    await expectEachRowMovedOnce();
  });

  it('when a newer runner takes over, and the older one stops without writing', async () => {
    // GIVEN a runner in the middle of its work
    await refill(false);
    const step = await chamber.step({ work: WORK, pacing: { maxRows: 10 } });
    let takenOver = false;
    let newer: ReturnType<Chamber['slice']> | undefined;

    // WHEN a newer token is adopted
    const older = await chamber.slice(step, {
      onReport: async ({ rowsDone = 0 }) => {
        if (rowsDone < 50 || takenOver) return;
        takenOver = true;
        await adoptFence(chamber.database, fenceOf(2));
        newer = chamber.slice(step, { fence: fenceOf(2) });
      },
    });

    // THEN
    expect(older).toEqual({ kind: 'fenced' });
    expect(await newer).toEqual({ kind: 'done', rows: ROWS, quarantined: 0 });
    await expectEachRowMovedOnce();
  });

  it('while others insert, update and delete rows under a sync trigger', async () => {
    // GIVEN a trigger that keeps new writes in sync, as expand leaves it behind
    await refill(true);
    await chamber.sql(`create function sync() returns trigger language plpgsql as
      $$ begin new.label := 'row ' || new.id; return new; end $$`);
    await chamber.sql(`create trigger a_sync before insert or update of id on items
      for each row execute function sync()`);
    const step = await chamber.step({ work: WORK, pacing: { maxRows: 10 } });
    let stop = false;
    const traffic = (async () => {
      for (let n = 1; !stop; n += 1) {
        await chamber.sql(`insert into items (id) values (${-n}), (${n * 3 + 1}), (${10_000 + n})`);
        await chamber.sql(`update items set id = id + 100000 where id = ${(n % ROWS) * 3}`);
        await chamber.sql(`delete from items where id = ${((n * 7) % ROWS) * 3}`);
      }
    })();

    // WHEN
    const outcome = await chamber.slice(step);
    stop = true;
    await traffic;

    // THEN no row is left behind, and none was moved twice
    expect(outcome.kind).toBe('done');
    expect(
      await chamber.sql(`select count(*) filter (where label is distinct from 'row ' || id)::int as stale,
                                count(*) filter (where moved > 1)::int as repeated from items`),
    ).toEqual([{ stale: 0, repeated: 0 }]);
  });
});
