import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GateComparison } from '../../lib/core/gates/gate.ts';
import { epochMs } from '../../lib/core/ids.ts';
import { lookAtGate } from '../../lib/engine/look-at-gate.ts';
import { type PrepareContext, prepare } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { storedFence } from '../../lib/postgres/ledger/fence.ts';
import {
  type ControlScene,
  controlScene,
  hastyClock,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const HOUR_MS = 3_600_000;

const written = (more = '') => ({
  'migration.yaml': `version: 1
title: Count in cents
expand:
  - id: add_cents
    sql: alter table orders add column cents bigint
    undo: alter table orders drop column cents
backfill:
  - id: fill_cents
    table: orders
    set: {cents: 'round(amount * 100)'}
    where: cents is null
${more}
contract:
  - id: hide_amount
    sql: alter table orders rename column amount to amount_retired
    undo: alter table orders rename column amount_retired to amount
`,
});

describe('while the gate of contract waits', () => {
  let control: ControlScene;
  let database: TestDatabase;
  let target: Database;
  let hours: number;
  beforeAll(async () => {
    control = await controlScene();
  });
  afterAll(() => control.close());
  beforeEach(async () => {
    hours = 0;
    database = await freshDatabase();
    target = pgDatabase({ url: database.url });
    await database.pool().query(
      `create table orders (id bigint primary key, amount numeric not null);
       insert into orders select i, i / 4.0 from generate_series(1, 40) i;`,
    );
  });
  afterEach(async () => {
    await target.close();
    await database.drop();
  });

  /** Rows moved and validated, and the gate just opened. */
  async function waiting(more?: string): Promise<PrepareContext> {
    const clock = { ...hastyClock, now: () => epochMs(Date.now() + hours * HOUR_MS) };
    const example = await inlineMigration('0001_cents', written(more));
    const started = await startedExecution(control.control, example, target, { clock });
    const context = { ...started, until: epochMs(Date.now() + 1_000 * HOUR_MS) };
    expect(await prepare(context)).toEqual({ kind: 'done' });
    for (const phase of ['expand', 'backfill', 'validate'] as const) {
      expect(await runPhase(context, phase)).toEqual({ kind: 'done' });
    }
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    return context;
  }
  /** What the workflow does when an hour passed and nobody came. */
  async function anHourLater(context: PrepareContext): Promise<GateComparison | undefined> {
    hours += 1;
    await database
      .pool()
      .query(`update lockkeeper.parity set finished_at = finished_at - interval '1 hour'`);
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    return comparisonOf(context);
  }
  const comparisonOf = async ({ executionId }: PrepareContext) =>
    (await control.control.getGate(executionId, 'contract'))?.comparison;
  const change = (sql: string) => database.pool().query(sql);
  const told = async ({ executionId }: PrepareContext) =>
    (await control.control.listAudit(executionId))
      .filter(({ kind, facts }) => kind.startsWith('Parity') && facts?.['after'] === 'gate')
      .map(({ kind }) => kind);

  it('whoever approves sees when old and new were last equal', async () => {
    // GIVEN what the backfill proved is known when the gate opens
    const context = await waiting();
    const atFirst = await comparisonOf(context);
    expect(atFirst?.found).toEqual({ kind: 'equal', rows: 40 });

    // WHEN nobody comes, and more rows do
    await change('insert into orders (id, amount, cents) values (41, 2, 200)');
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
    await change('update orders set amount = amount + 1 where id = 9');

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
    await change('update orders set cents = round(amount * 100) where id = 9');
    const right = await anHourLater(context);
    expect(right?.found).toEqual({ kind: 'equal', rows: 40 });
    expect(await told(context)).toEqual(['ParityBroken', 'ParityProved']);
  });

  it('nothing is written that would be repaired by contract', async () => {
    const context = await waiting('    parity: {on_mismatch: repair}');
    await change('update orders set amount = amount + 1 where id = 9');
    const different = await anHourLater(context);
    expect(JSON.stringify(different?.found)).toMatch(/contract would move them again/);
    const cents = 'select cents::int4 as cents from orders where id = 9';
    expect((await change(cents)).rows).toEqual([{ cents: 225 }]);
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    expect((await change(cents)).rows).toEqual([{ cents: 325 }]);
  });

  it('a look comes no sooner than it is due', async () => {
    const context = await waiting();
    await change('update orders set amount = amount + 1 where id = 9');
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    expect((await comparisonOf(context))?.found.kind).toBe('equal');
  });

  it('what takes long is looked at less often than every hour', async () => {
    // GIVEN a pass of half an hour, as the ledger has it
    const context = await waiting();
    await change(`create function slow() returns trigger language plpgsql as $$ begin
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
    const before = await storedFence(target);
    await anHourLater(context);
    expect(await storedFence(target)).toEqual(before);

    // WHEN it goes back, and a look comes that was thought dead
    expect(await rollBack(context)).toEqual({ kind: 'done' });
    const held = await storedFence(target);
    const late = await anHourLater(context);

    // THEN the column that is gone is an answer, and the token of the rollback is as it was
    expect(late?.found.kind).toBe('not-compared');
    expect(await storedFence(target)).toEqual(held);
  });

  it('a target that cannot be asked leaves the gate as it is', async () => {
    const context = await waiting();
    await change('alter schema lockkeeper rename to elsewhere');
    hours += 1;
    expect(await lookAtGate(context, 'contract')).toMatchObject({ kind: 'wait' });
    const look = await comparisonOf(context);
    expect(look?.found).toMatchObject({ kind: 'not-compared' });
    expect(look?.lastEqualAt).toBeDefined();
    await change('alter schema elsewhere rename to lockkeeper');
  });
});
