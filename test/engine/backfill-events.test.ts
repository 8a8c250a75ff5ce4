import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LockkeeperEvent } from '../../lib/core/executions/event.ts';
import { durationMs, epochMs } from '../../lib/core/ids.ts';
import type { Outcome } from '../../lib/core/workflow/outcome.ts';
import type { TargetContext } from '../../lib/engine/context.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Database, Row } from '../../lib/ports/database.ts';
import { sleeplessClock } from '../support/clocks.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';
import { countInCents, ordersInAmounts } from './cents-migration.ts';

const ROWS = 2_000;
const MIGRATION = countInCents('    batch: {min_rows: 1, max_rows: 40, pause: 1s}');

describe('the events of a backfill', () => {
  const scene = targetScene(ordersInAmounts(ROWS));
  let clock: Clock;
  let context: TargetContext;
  let events: LockkeeperEvent[];
  beforeEach(async () => {
    // GIVEN a migration that is about to move rows, and somebody who listens
    clock = sleeplessClock();
    events = [];
    const emit = async (event: LockkeeperEvent) => {
      events.push(event);
    };
    const started = await takenThrough(await scene.started(MIGRATION, { clock }), ['expand']);
    context = { ...started, events: { emit } };
  });

  /** Calls until the phase is done, each for so long. @returns how the calls before the last one ended */
  async function callAgain(
    forMs: number,
    on: Database = scene.target,
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (;;) {
      const until = epochMs(clock.now() + forMs);
      const outcome = await runPhase({ ...context, database: on, until }, 'backfill');
      if (outcome.kind === 'done') return outcomes;
      outcomes.push(outcome);
      if (outcome.kind === 'wait') await clock.sleep(durationMs(outcome.seconds * 1_000));
      expect(outcomes.length).toBeLessThan(60);
    }
  }
  const told = (...kinds: readonly string[]) => events.filter(({ kind }) => kinds.includes(kind));
  const trail = async () =>
    (await scene.control.listAudit(context.executionId)).map(({ kind }): string => kind);

  it('tell each tenth once, over many calls, and are not in the trail', async () => {
    // WHEN calls have the time of a few batches
    const calls = await callAgain(5_000);

    // THEN
    expect(calls.length).toBeGreaterThan(5);
    const progress = told('BackfillProgressed').map(({ facts }) => facts);
    const tenths = progress.map((facts) => Math.floor(Number(facts?.['percent']) / 10));
    expect(tenths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(progress[4]).toMatchObject({
      step: 'fill_cents',
      rowsDone: expect.any(Number),
      rowsTotal: ROWS,
      rowsPerSecond: expect.any(Number),
      etaMs: expect.any(Number),
      etaEarliestMs: expect.any(Number),
      etaLatestMs: expect.any(Number),
      batchRows: expect.any(Number),
      batchMs: expect.any(Number),
    });
    expect(events.at(-1)?.kind).toBe('PhaseFinished');
    expect(await trail()).not.toContain('BackfillProgressed');
  });

  it('tell why it is held, once, and that it went on', async () => {
    // GIVEN a replica that is behind in some readings: longer than a call waits, with a short break
    let reading = 0;
    const behind = (n: number) => n >= 5 && n < 60 && n !== 30;
    const loaded: Database = {
      ...scene.target,
      query: async (sql, parameters): Promise<readonly Row[]> => {
        const rows = await scene.target.query(sql, parameters);
        if (!sql.includes('pg_stat_progress_vacuum')) return rows;
        reading += 1;
        return behind(reading) ? rows.map((row) => ({ ...row, replica_lag_ms: 12_000 })) : rows;
      },
    };

    // WHEN
    const calls = await callAgain(600_000, loaded);

    // THEN the load was waited for outside of calls, and told twice
    const reason = 'a replica is 12000 ms behind';
    expect(calls).toContainEqual({ kind: 'wait', seconds: 10, reason });
    const [held, wentOn, ...more] = told('BackfillHeld', 'BackfillWentOn');
    expect(held).toMatchObject({
      kind: 'BackfillHeld',
      reason,
      facts: {
        step: 'fill_cents',
        replicaLag: 12_000,
        replicaLagHoldsAt: 10_000,
        replicaLagGoesOnAt: 2_000,
      },
    });
    expect(wentOn).toMatchObject({ kind: 'BackfillWentOn', facts: { step: 'fill_cents' } });
    // 54 readings, a second apart at least
    expect(Number(wentOn?.facts?.['heldMs'])).toBeGreaterThan(50_000);
    expect(more).toEqual([]);
    expect(await trail()).not.toContain('BackfillHeld');
  });
});
