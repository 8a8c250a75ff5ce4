import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../lib/core/workflow/outcome.ts';
import type { PrepareContext } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';
import { countInCents, ordersInAmounts } from './cents-migration.ts';

const OPERATION = `version: 1
title: Count in cents
operations:
  - alter_column:
      table: orders
      column: amount
      type: bigint
      up: round(amount * 100)
      down: amount / 100.0
`;

describe('old and new before contract', () => {
  const scene = targetScene(ordersInAmounts(40));

  const filled = async (migration: string) =>
    takenThrough(await scene.started(migration), ['expand', 'backfill', 'validate']);
  const reasonOf = (outcome: Outcome) => ('reason' in outcome ? outcome.reason : '');
  const proofs = async ({ executionId }: PrepareContext) =>
    (await scene.control.listAudit(executionId))
      .filter(({ kind }) => kind === 'ParityProved')
      .map(({ facts }) => ({ after: facts?.['after'], rows: facts?.['rows'] }));

  it('are compared when the rows were moved, and once more behind the gate', async () => {
    const context = await filled(countInCents());
    expect(await proofs(context)).toEqual([{ after: 'backfill', rows: 40 }]);
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    expect(await proofs(context)).toEqual([
      { after: 'backfill', rows: 40 },
      { after: 'contract', rows: 40 },
    ]);
  });

  it('take everything back when somebody wrote only one of them while the gate was open', async () => {
    // GIVEN an old application that nobody keeps in step
    const context = await filled(countInCents());
    await scene.query('update orders set amount = amount + 1 where id = 9');

    // WHEN
    const outcome = await runPhase(context, 'contract');

    // THEN the key is named, nothing was cut off, and the way back is whole
    expect(outcome.kind).toBe('failed');
    expect(reasonOf(outcome)).toMatch(
      /^before contract: fill_cents: old and new differ in 1 row: \(id\)=\(9\) \(compared: cents\)/,
    );
    expect(await rollBack(context)).toEqual({ kind: 'done' });
    const { rows } = await scene.query('select amount::float8 as amount from orders where id = 9');
    expect(rows).toEqual([{ amount: 3.25 }]);
  });

  it('are brought together where the author says so', async () => {
    const context = await filled(countInCents('    parity: {on_mismatch: repair}'));
    await scene.query('update orders set amount = amount + 1 where id < 9');
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    const { rows } = await scene.query('select cents::int4 as cents from orders where id = 4');
    expect(rows).toEqual([{ cents: 200 }]);
  });

  it('are compared again before contract without a gate when that was too long ago', async () => {
    // GIVEN a snapshot before contract that took long, and one that did not
    const late = await filled(countInCents('gates: {contract: none}'));
    await scene.query(
      `update lockkeeper.parity set finished_at = finished_at - interval '61 minutes'`,
    );
    await scene.query('update orders set amount = amount + 1 where id = 9');

    // WHEN / THEN
    expect(reasonOf(await runPhase(late, 'contract'))).toMatch(/old and new differ in 1 row/);
    expect(await rollBack(late)).toEqual({ kind: 'done' });
    const soon = await filled(countInCents('gates: {contract: none}'));
    expect(await runPhase(soon, 'contract')).toEqual({ kind: 'done' });
    expect(await proofs(soon)).toEqual([{ after: 'backfill', rows: 40 }]);
  });

  it('are compared from the first row again when the pass behind the gate is too old', async () => {
    // GIVEN a call that compared, and ended before the first step of contract
    const context = await filled(countInCents());
    const { executionId } = context;
    await scene.query(`insert into lockkeeper.parity (execution_id, step_id, pass, position, goal, finished_at)
      values ('${executionId}', 'fill_cents', 'contract', '{"kind":"end"}', '["40"]', now() - interval '61 minutes')`);
    await scene.query('update orders set amount = amount + 1 where id = 9');
    expect(reasonOf(await runPhase(context, 'contract'))).toMatch(/old and new differ in 1 row/);
  });

  it('are left alone where the author says why', async () => {
    const context = await filled(
      countInCents('    parity: {skip: amounts are frozen until cents are live}'),
    );
    await scene.query('update orders set amount = amount + 1');
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    expect(await proofs(context)).toEqual([]);
  });

  it('may follow from either side when an operation keeps both in step', async () => {
    // GIVEN an old application, and a new one whose value the old column cannot give back
    const context = await filled(OPERATION);
    await scene.query('update orders set amount = 12.5 where id = 1');
    await scene.query(`update orders set amount_lk_new = 7 where id = 2`);
    expect((await scene.query('select amount::float8 from orders where id = 2')).rows).toEqual([
      { amount: 0.07 },
    ]);

    // THEN
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
  });

  it('stop an operation whose trigger was off for a while', async () => {
    const context = await filled(OPERATION);
    await scene.query('alter table orders disable trigger user');
    await scene.query('update orders set amount = 12.5 where id in (1, 2)');
    await scene.query(`do $$ declare t text; begin
      for t in select tgname from pg_trigger where tgrelid = 'orders'::regclass and not tgisinternal loop
        execute format('alter table orders enable always trigger %I', t);
      end loop; end $$`);
    const outcome = await runPhase(context, 'contract');
    expect(reasonOf(outcome)).toMatch(/old and new differ in 2 rows: \(id\)=\(1\), \(id\)=\(2\)/);
  });
});
