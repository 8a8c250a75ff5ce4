import { beforeEach, describe, expect, it } from '@jest/globals';
import { retryQuarantine } from '../../lib/engine/backfill/retry-quarantine.ts';
import { changePace } from '../../lib/engine/change-pace.ts';
import type { PrepareContext } from '../../lib/engine/prepare.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { listQuarantine } from '../../lib/postgres/backfill/quarantine.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';
import { countInCents } from './cents-migration.ts';

const MIGRATION = countInCents(
  '    batch: {min_rows: 5, max_rows: 10, quarantine_limit: 3}',
  "set: {cents: 'amount::numeric * 100'}",
);

describe('rows in quarantine', () => {
  // GIVEN two amounts that are no numbers, and a migration that came as far as its contract gate
  const scene = targetScene(
    `create table orders (id bigint primary key, amount text not null);
     insert into orders select i, i::text from generate_series(1, 60) i;
     update orders set amount = 'twelve' where id in (12, 40)`,
  );
  let context: PrepareContext;
  beforeEach(async () => {
    context = await takenThrough(await scene.started(MIGRATION), [
      'expand',
      'backfill',
      'validate',
    ]);
  });

  const sql = async (text: string) => (await scene.query(text)).rows;
  const held = async () =>
    (await scene.control.listAudit(context.executionId)).filter(({ kind }) => kind === 'PhaseHeld');
  async function retry() {
    const plan = await scene.control.getPlan(context.executionId);
    if (plan === undefined) throw new RangeError('there is no plan');
    return retryQuarantine(scene.target, context.executionId, plan.plan);
  }
  const WAITS = {
    kind: 'wait',
    seconds: 30,
    reason: expect.stringMatching(/^2 rows are in quarantine: lockkeeper quarantine 0001_test-/),
  };

  it('keep contract waiting, which is told once', async () => {
    expect(await runPhase(context, 'contract')).toEqual(WAITS);
    expect(await runPhase(context, 'contract')).toEqual(WAITS);
    expect(await held()).toHaveLength(1);
    const rows = await listQuarantine(scene.target, context.executionId, 10);
    expect(rows.map(({ key, why }) => [key, why.message])).toEqual([
      [['12'], 'invalid input syntax for type numeric: "twelve"'],
      [['40'], 'invalid input syntax for type numeric: "twelve"'],
    ]);
  });

  it('are moved again once they were corrected, each exactly once', async () => {
    // GIVEN one row that was corrected, and one that was not
    await sql(`update orders set amount = '12' where id = 12`);

    // WHEN
    const first = await retry();

    // THEN
    expect(first).toEqual([
      { stepId: 'fill_cents', key: '(id)=(12)', kind: 'moved' },
      {
        stepId: 'fill_cents',
        key: '(id)=(40)',
        kind: 'refused',
        reason: 'invalid input syntax for type numeric: "twelve"',
      },
    ]);
    await sql('delete from orders where id = 40');
    expect((await Promise.all([retry(), retry()])).flat()).toContainEqual({
      stepId: 'fill_cents',
      key: '(id)=(40)',
      kind: 'gone',
    });
    expect(
      await sql(`select rows_moved::int, rows_quarantined::int from lockkeeper.backfills`),
    ).toEqual([{ rows_moved: 59, rows_quarantined: 0 }]);
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    await expect(retry()).rejects.toMatchObject({ code: 'WrongState' });
  });

  it('may be accepted, as they are then', async () => {
    // GIVEN
    const accept = { kind: 'accept-quarantine', by: 'ada', reason: 'test orders' } as const;
    await changePace(context, accept);

    // WHEN a third one appears later
    await sql(`insert into lockkeeper.quarantine (execution_id, step_id, key, message, set_aside_at)
      values ('${context.executionId}', 'fill_cents', '["41"]', 'no', clock_timestamp() + interval '1 minute')`);

    // THEN it is asked for, and only it
    expect(await runPhase(context, 'contract')).toMatchObject({
      reason: expect.stringMatching(/^1 row is in quarantine/),
    });
    await sql(`delete from lockkeeper.quarantine where key = '["41"]'`);
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
  });
});
