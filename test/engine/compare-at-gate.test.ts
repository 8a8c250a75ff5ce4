import { beforeEach, describe, expect, it } from '@jest/globals';
import type { GateComparison } from '../../lib/core/gates/gate.ts';
import { epochMs } from '../../lib/core/ids.ts';
import { lookAtGate } from '../../lib/engine/look-at-gate.ts';
import type { PrepareContext } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { storedFence } from '../../lib/postgres/ledger/fence.ts';
import { hastyClock } from '../support/clocks.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';
import { countInCents, ordersInAmounts } from './cents-migration.ts';

const HOUR_MS = 3_600_000;

describe('while the gate of contract waits', () => {
  const scene = targetScene(ordersInAmounts(40));
  let hours: number;
  beforeEach(() => {
    hours = 0;
  });

  /** Rows moved and validated, and the gate just opened. */
  async function waiting(more?: string): Promise<PrepareContext> {
    const clock = { ...hastyClock, now: () => epochMs(Date.now() + hours * HOUR_MS) };
    const started = await scene.started(countInCents(more), { clock });
    const context = { ...started, until: epochMs(Date.now() + 1_000 * HOUR_MS) };
    await takenThrough(context, ['expand', 'backfill', 'validate']);
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    return context;
  }
  /** What the workflow does when an hour passed and nobody came. */
  async function anHourLater(context: PrepareContext): Promise<GateComparison | undefined> {
    hours += 1;
    await scene.query(`update lockkeeper.parity set finished_at = finished_at - interval '1 hour'`);
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    return comparisonOf(context);
  }
  const comparisonOf = async ({ executionId }: PrepareContext) =>
    (await scene.control.getGate(executionId, 'contract'))?.comparison;
  const told = async ({ executionId }: PrepareContext) =>
    (await scene.control.listAudit(executionId))
      .filter(({ kind, facts }) => kind.startsWith('Parity') && facts?.['after'] === 'gate')
      .map(({ kind }) => kind);

  it('whoever approves sees when old and new were last equal', async () => {
    // GIVEN what the backfill proved is known when the gate opens
    const context = await waiting();
    const atFirst = await comparisonOf(context);
    expect(atFirst?.found).toEqual({ kind: 'equal', rows: 40 });

    // WHEN nobody comes, and more rows do
    await scene.query('insert into orders (id, amount, cents) values (41, 2, 200)');
    const later = await anHourLater(context);

    // THEN they were compared once more, and nobody was troubled with it
    expect(later?.found).toEqual({ kind: 'equal', rows: 41 });
    expect(later?.lastEqualAt).toBe(later?.at);
    expect(Number(later?.at) - Number(atFirst?.at)).toBeGreaterThan(HOUR_MS / 2);
    expect(await told(context)).toEqual([]);
  });

  it('a difference is said before anybody approves, once, and so is that it is gone', async () => {
    // GIVEN an old application that nobody keeps in step
    const context = await waiting();
    await scene.query('update orders set amount = amount + 1 where id = 9');

    // WHEN
    const different = await anHourLater(context);
    await anHourLater(context);

    // THEN the key is named, and the way it would go
    expect(different?.found.kind).toBe('different');
    expect(JSON.stringify(different?.found)).toMatch(
      /fill_cents: old and new differ in 1 row: \(id\)=\(9\).*; contract would be taken back/,
    );
    expect(different?.lastEqualAt).toBeLessThan(Number(different?.at));
    expect(await told(context)).toEqual(['ParityBroken']);

    // WHEN somebody puts it right
    await scene.query('update orders set cents = round(amount * 100) where id = 9');
    const right = await anHourLater(context);
    expect(right?.found).toEqual({ kind: 'equal', rows: 40 });
    expect(await told(context)).toEqual(['ParityBroken', 'ParityProved']);
  });

  it('nothing is written that would be repaired by contract', async () => {
    const context = await waiting('    parity: {on_mismatch: repair}');
    await scene.query('update orders set amount = amount + 1 where id = 9');
    const different = await anHourLater(context);
    expect(JSON.stringify(different?.found)).toMatch(/contract would move them again/);
    const cents = 'select cents::int4 as cents from orders where id = 9';
    expect((await scene.query(cents)).rows).toEqual([{ cents: 225 }]);
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    expect((await scene.query(cents)).rows).toEqual([{ cents: 325 }]);
  });

  it('a look comes no sooner than it is due', async () => {
    const context = await waiting();
    await scene.query('update orders set amount = amount + 1 where id = 9');
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    expect((await comparisonOf(context))?.found.kind).toBe('equal');
  });

  it('what takes long is looked at less often than every hour', async () => {
    // GIVEN a pass of half an hour, as the ledger has it
    const context = await waiting();
    await scene.query(`create function slow() returns trigger language plpgsql as $$ begin
        new.started_at := new.finished_at - interval '30 minutes'; return new; end $$;
      create trigger slow before update on lockkeeper.parity
        for each row when (new.finished_at is not null) execute function slow()`);
    const slow = await anHourLater(context);
    expect(slow?.tookMs).toBeCloseTo(1_800_000, -3);

    // WHEN the gate is looked at hours later THEN it has rested for nine times as long
    const lookedAgain = async (at: number) => {
      hours = at;
      await lookAtGate(context, 'contract');
      return (await comparisonOf(context))?.at !== slow?.at;
    };
    expect(await lookedAgain(1 + 4)).toBe(false);
    expect(await lookedAgain(1 + 5)).toBe(true);
  });

  it('a look that is late stops nobody who works meanwhile', async () => {
    // GIVEN a token that the workflow holds
    const context = await waiting();
    const before = await storedFence(scene.target);
    await anHourLater(context);
    expect(await storedFence(scene.target)).toEqual(before);

    // WHEN it goes back, and a look comes that was thought dead
    expect(await rollBack(context)).toEqual({ kind: 'done' });
    const held = await storedFence(scene.target);
    const late = await anHourLater(context);

    // THEN the column that is gone is an answer, and the token of the rollback is as it was
    expect(late?.found.kind).toBe('not-compared');
    expect(await storedFence(scene.target)).toEqual(held);
  });

  it('a target that cannot be asked leaves the gate as it is', async () => {
    const context = await waiting();
    await scene.query('alter schema lockkeeper rename to elsewhere');
    hours += 1;
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    const look = await comparisonOf(context);
    expect(look?.found).toMatchObject({ kind: 'not-compared' });
    expect(look?.lastEqualAt).toBeDefined();
    await scene.query('alter schema elsewhere rename to lockkeeper');
  });
});
