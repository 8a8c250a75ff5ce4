import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../lib/core/workflow/outcome.ts';
import { type PrepareContext, prepare } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const written = (parity = '') => ({
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
${parity}
contract:
  - id: hide_amount
    sql: alter table orders rename column amount to amount_retired
    undo: alter table orders rename column amount_retired to amount
`,
});

const operation = {
  'migration.yaml': `version: 1
title: Count in cents
operations:
  - alter_column:
      table: orders
      column: amount
      type: bigint
      up: round(amount * 100)
      down: amount / 100.0
`,
};

describe('old and new before contract', () => {
  let control: ControlScene;
  let database: TestDatabase;
  let target: Database;
  beforeAll(async () => {
    control = await controlScene();
  });
  afterAll(() => control.close());
  beforeEach(async () => {
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

  async function filled(files: Readonly<Record<string, string>>): Promise<PrepareContext> {
    const example = await inlineMigration('0001_cents', files);
    const context = await startedExecution(control.control, example, target);
    expect(await prepare(context)).toEqual({ kind: 'done' });
    for (const phase of ['expand', 'backfill', 'validate'] as const) {
      expect(await runPhase(context, phase)).toEqual({ kind: 'done' });
    }
    return context;
  }
  const change = (sql: string) => database.pool().query(sql);
  const reasonOf = (outcome: Outcome) => ('reason' in outcome ? outcome.reason : '');
  const proofs = async ({ executionId }: PrepareContext) =>
    (await control.control.listAudit(executionId))
      .filter(({ kind }) => kind === 'ParityProved')
      .map(({ facts }) => ({ after: facts?.['after'], rows: facts?.['rows'] }));

  it('are compared when the rows were moved, and once more behind the gate', async () => {
    const context = await filled(written());
    expect(await proofs(context)).toEqual([{ after: 'backfill', rows: 40 }]);
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    expect(await proofs(context)).toEqual([
      { after: 'backfill', rows: 40 },
      { after: 'contract', rows: 40 },
    ]);
  });

  it('take everything back when somebody wrote only one of them while the gate was open', async () => {
    // GIVEN an old application that nobody keeps in step
    const context = await filled(written());
    await change('update orders set amount = amount + 1 where id = 9');

    // WHEN
    const outcome = await runPhase(context, 'contract');

    // THEN the key is named, nothing was cut off, and the way back is whole
    expect(outcome.kind).toBe('failed');
    expect(reasonOf(outcome)).toMatch(
      /^before contract: fill_cents: old and new differ in 1 row: \(id\)=\(9\) \(compared: cents\)/,
    );
    expect(await rollBack(context)).toEqual({ kind: 'done' });
    const { rows } = await change('select amount::float8 as amount from orders where id = 9');
    expect(rows).toEqual([{ amount: 3.25 }]);
  });

  it('are brought together where the author says so', async () => {
    const context = await filled(written('    parity: {on_mismatch: repair}'));
    await change('update orders set amount = amount + 1 where id < 9');
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    const { rows } = await change('select cents::int4 as cents from orders where id = 4');
    expect(rows).toEqual([{ cents: 200 }]);
  });

  it('are compared again before contract without a gate when that was too long ago', async () => {
    // GIVEN a snapshot before contract that took long, and one that did not
    const late = await filled(written('gates: {contract: none}'));
    await change(`update lockkeeper.parity set finished_at = finished_at - interval '61 minutes'`);
    await change('update orders set amount = amount + 1 where id = 9');

    // WHEN / THEN
    expect(reasonOf(await runPhase(late, 'contract'))).toMatch(/old and new differ in 1 row/);
    expect(await rollBack(late)).toEqual({ kind: 'done' });
    const soon = await filled(written('gates: {contract: none}'));
    expect(await runPhase(soon, 'contract')).toEqual({ kind: 'done' });
    expect(await proofs(soon)).toEqual([{ after: 'backfill', rows: 40 }]);
  });

  it('are compared from the first row again when the pass behind the gate is too old', async () => {
    // GIVEN a call that compared, and ended before the first step of contract
    const context = await filled(written());
    const { executionId } = context;
    await change(`insert into lockkeeper.parity (execution_id, step_id, pass, position, goal, finished_at)
      values ('${executionId}', 'fill_cents', 'contract', '{"kind":"end"}', '["40"]', now() - interval '61 minutes')`);
    await change('update orders set amount = amount + 1 where id = 9');
    expect(reasonOf(await runPhase(context, 'contract'))).toMatch(/old and new differ in 1 row/);
  });

  it('are left alone where the author says why', async () => {
    const context = await filled(
      written('    parity: {skip: amounts are frozen until cents are live}'),
    );
    await change('update orders set amount = amount + 1');
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    expect(await proofs(context)).toEqual([]);
  });

  it('may follow from either side when an operation keeps both in step', async () => {
    // GIVEN an old application, and a new one whose value the old column cannot give back
    const context = await filled(operation);
    await change('update orders set amount = 12.5 where id = 1');
    await change(`update orders set amount_lk_new = 7 where id = 2`);
    expect((await change('select amount::float8 from orders where id = 2')).rows).toEqual([
      { amount: 0.07 },
    ]);

    // THEN
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
  });

  it('stop an operation whose trigger was off for a while', async () => {
    const context = await filled(operation);
    await change('alter table orders disable trigger user');
    await change('update orders set amount = 12.5 where id in (1, 2)');
    await change(`do $$ declare t text; begin
      for t in select tgname from pg_trigger where tgrelid = 'orders'::regclass and not tgisinternal loop
        execute format('alter table orders enable always trigger %I', t);
      end loop; end $$`);
    const outcome = await runPhase(context, 'contract');
    expect(reasonOf(outcome)).toMatch(/old and new differ in 2 rows: \(id\)=\(1\), \(id\)=\(2\)/);
  });
});
