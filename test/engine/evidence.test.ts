import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { durationMs, epochMs } from '../../lib/core/ids.ts';
import type { Outcome } from '../../lib/core/workflow/outcome.ts';
import { finalize } from '../../lib/engine/finalize.ts';
import type { PrepareContext } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import { hastyClock } from '../support/clocks.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';

const migration = (gates = '') => `version: 1
title: Add a nickname
expand:
  - id: add_nickname
    sql: alter table people add column nickname text
    undo: alter table people drop column nickname
backfill:
  - id: fill_nickname
    table: people
    set: {nickname: lower(name)}
    where: nickname is null
validate:
  - {id: everybody_has_one, query: select count(*) from people where nickname is null, expect: 0}
contract:
  - id: hide_name
    sql: alter table people rename column name to name_retired
    undo: alter table people rename column name_retired to name
finalize:
  - id: drop_name
    sql: alter table people drop column name_retired
    irreversible: names are gone
${gates}`;

const OLD = '{application_names: [billing-app-v1*], roles: [billing_v1], timeout: 10m}';
const GUARDED = `gates:
  contract: {kind: approval, old_application: ${OLD}}
`;

describe('what was true when a gate opened', () => {
  const scene = targetScene(
    `create table people (id bigint primary key, name text not null);
     insert into people select i, 'Name ' || i from generate_series(1, 50) i`,
  );
  let others: pg.Client[];
  beforeEach(() => {
    others = [];
  });
  afterEach(async () => {
    for (const other of others) await other.end().catch(() => undefined);
  });

  /** An execution that is through these phases. */
  const through = async (
    phases: Parameters<typeof takenThrough>[1],
    { gates = '', onDrift = 'refuse' }: { gates?: string; onDrift?: 'refuse' | 'warn' } = {},
  ) => takenThrough(await scene.started(migration(gates), { onDrift }), phases);
  const reasonOf = (outcome: Outcome) => ('reason' in outcome ? outcome.reason : '');
  const eventsOf = async ({ executionId }: PrepareContext, kind: string) =>
    (await scene.control.listAudit(executionId)).filter((event) => event.kind === kind);

  async function connectAs(settings: { application?: string; role?: string }): Promise<pg.Client> {
    const url = new URL(scene.url);
    if (settings.role !== undefined) {
      url.username = settings.role;
      url.password = 'test';
    }
    const client = new pg.Client({
      connectionString: url.href,
      ...(settings.application !== undefined && { application_name: settings.application }),
    });
    client.on('error', () => undefined);
    await client.connect();
    others.push(client);
    return client;
  }

  describe('the schema', () => {
    it('that somebody changed meanwhile takes the execution back, naming each object', async () => {
      // GIVEN an execution at its deploy gate
      const before = await fingerprint(scene.target);
      const context = await through(['expand']);
      // WHEN somebody adds an index, and changes a column of ours
      await scene.query('create index hasty on people (name)');
      await scene.query(`alter table people alter column nickname set default 'x'`);
      const outcome = await runPhase(context, 'backfill');
      // THEN nothing is moved
      expect(outcome).toEqual({
        kind: 'failed',
        reason:
          'before backfill: the schema changed outside of this migration while gate deploy was open: column public.people.nickname changed, index public.hasty added',
      });
      expect((await scene.query('select from people where nickname is not null')).rowCount).toBe(0);
      expect(await eventsOf(context, 'SchemaDrifted')).toEqual([
        expect.objectContaining({
          facts: expect.objectContaining({ phase: 'backfill', total: 2 }),
        }),
      ]);
      // AND the way back is free
      expect(await rollBack(context)).toEqual({ kind: 'done' });
      await scene.query('drop index hasty');
      expect(await fingerprint(scene.target)).toBe(before);
    });

    it('may change where the environment only wants to be told', async () => {
      const context = await through(['expand'], { onDrift: 'warn' });
      await scene.query('create table elsewhere ()');
      expect(await runPhase(context, 'backfill')).toEqual({ kind: 'done' });
      expect(await eventsOf(context, 'SchemaDrifted')).toHaveLength(1);
    });

    it('is compared once more before the drops, while everything can still be taken back', async () => {
      const context = await through(['expand', 'backfill', 'validate', 'contract']);
      await scene.query('alter table people add column hasty int');
      const outcome = await finalize(context);
      expect(outcome.kind).toBe('aborted');
      expect(reasonOf(outcome)).toContain(
        'while gate soak was open: column public.people.hasty added',
      );
    });

    it('may be repaired for a step that failed, once its phase has begun', async () => {
      // GIVEN a finalize that a view is in the way of
      await scene.query('create view phone_book as select id, name from people');
      const context = await through(['expand', 'backfill', 'validate', 'contract']);
      expect(await finalize(context)).toMatchObject({ kind: 'failed' });
      // WHEN somebody drops it THEN finalize goes through
      await scene.query('drop view phone_book');
      expect(await finalize(context)).toEqual({ kind: 'done' });
    });

    it('is not taken for changed by a call that died after its last step', async () => {
      // GIVEN a phase whose end was not remembered
      const context = await through(['expand']);
      await scene.query(`update lockkeeper.milestones set milestone = 'begin'`);
      await scene.query(`delete from lockkeeper.milestone_pictures where name like '%nickname'`);
      // WHEN the phase is called again THEN it remembers, and the next one has nothing against it
      expect(await runPhase(context, 'expand')).toEqual({ kind: 'done' });
      expect(await runPhase(context, 'backfill')).toEqual({ kind: 'done' });
    });

    it('is as the last phase left it, also when a resumed execution passes earlier ends again', async () => {
      const context = await through(['expand', 'backfill', 'validate', 'contract']);
      await scene.query('alter table people add column hasty int');
      for (const phase of ['expand', 'backfill', 'validate', 'contract'] as const) {
        expect(await runPhase(context, phase)).toEqual({ kind: 'done' });
      }
      expect(await finalize(context)).toMatchObject({ kind: 'aborted' });
    });
  });

  describe('what was validated', () => {
    it('is asked again before contract', async () => {
      // GIVEN an old version that wrote a row without a nickname while the gate was open
      const context = await through(['expand', 'backfill', 'validate']);
      await scene.query(`insert into people values (51, 'Late')`);
      // WHEN THEN
      expect(await runPhase(context, 'contract')).toEqual({
        kind: 'failed',
        reason:
          'before contract: everybody_has_one held when it was validated and does not now: expected 0, found 1',
      });
      expect((await scene.query('select name from people limit 1')).rowCount).toBe(1);
    });
  });

  describe('the old application', () => {
    it('holds contract for as long as it is connected, by its name', async () => {
      // GIVEN
      const context = await through(['expand', 'backfill', 'validate'], { gates: GUARDED });
      const old = await connectAs({ application: 'billing-app-v1.7' });
      await connectAs({ application: 'billing-app-v2.0' });
      // WHEN
      const held = await runPhase(context, 'contract');
      // THEN
      expect(held).toMatchObject({ kind: 'wait', seconds: 30 });
      expect(reasonOf(held)).toMatch(
        /^waits for the old application to disconnect: pid \d+ of \w+ \(billing-app-v1\.7\)$/,
      );
      expect((await scene.control.getExecution(context.executionId))?.activity).toBe(
        `contract: ${reasonOf(held)}`,
      );
      await runPhase(context, 'contract');
      expect(await eventsOf(context, 'PhaseHeld')).toHaveLength(1);
      // WHEN it is gone THEN contract goes through, and only now it has started
      const starts = async () =>
        (await eventsOf(context, 'PhaseStarted')).filter(
          ({ facts }) => facts?.['phase'] === 'contract',
        );
      expect(await starts()).toEqual([]);
      await old.end();
      expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
      expect(await starts()).toHaveLength(1);
    });

    it('is known by its role as well, idle or not', async () => {
      const context = await through(['expand', 'backfill', 'validate'], { gates: GUARDED });
      await scene.query(
        `do $$ begin create role billing_v1 login password 'test'; exception when duplicate_object then null; end $$`,
      );
      await connectAs({ role: 'billing_v1' });
      expect(reasonOf(await runPhase(context, 'contract'))).toMatch(/pid \d+ of billing_v1$/);
    });

    it('takes the execution back when it stays', async () => {
      // GIVEN an execution that is held
      const context = await through(['expand', 'backfill', 'validate'], { gates: GUARDED });
      await connectAs({ application: 'billing-app-v1' });
      expect(await runPhase(context, 'contract')).toMatchObject({ kind: 'wait' });
      // WHEN
      const later = () => epochMs(Date.now() + durationMs(600_000));
      const outcome = await runPhase(
        { ...context, clock: { ...hastyClock, now: later }, until: epochMs(later() + 60_000) },
        'contract',
      );
      // THEN
      expect(outcome.kind).toBe('failed');
      expect(reasonOf(outcome)).toMatch(
        /^before contract: the old application is still connected after 10 min: pid/,
      );
    });

    it('may be named with characters that LIKE gives a meaning', async () => {
      const gates = `gates:\n  contract: {kind: approval, old_application: {application_names: ['a_b%\\c']}}\n`;
      const context = await through(['expand', 'backfill', 'validate'], { gates });
      await connectAs({ application: 'axbyc' });
      expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
    });
  });
});
