import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import {
  type Checksum,
  type ExecutionId,
  epochMs,
  fencingToken,
  type MigrationId,
} from '../../lib/core/ids.ts';
import { findDrift } from '../../lib/engine/drift/find-drift.ts';
import { recordFirstBaseline } from '../../lib/engine/drift/record-baseline.ts';
import { checkHistory } from '../../lib/engine/prepare/check-history.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { ControlStore, Lease } from '../../lib/ports/control-store.ts';
import type { Database } from '../../lib/ports/database.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import { listMigrations } from '../../lib/postgres/ledger/executions.ts';
import { inlineMigration } from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const TARGET = 'cluster/app';

let test: TestDatabase;
let pool: pg.Pool;
let database: Database;
beforeEach(async () => {
  test = await freshDatabase();
  pool = test.pool();
  database = pgDatabase({ url: test.url, connections: 2 });
  await pool.query('create table orders (id bigint primary key, note text)');
});
afterEach(async () => {
  await database.close();
  await test.drop();
});

const before = (...ids: readonly string[]) =>
  ids.map((id) => ({ migrationId: id as MigrationId, checksum: `sum of ${id}` as Checksum }));

function record(applied: readonly string[], lease?: Lease) {
  // Sound: a baseline asks the control store for the lease only.
  const control = { getLease: async () => lease } as unknown as ControlStore;
  const said = { by: 'alice', reason: 'adopted' };
  return recordFirstBaseline({ control, database, target: TARGET }, before(...applied), said);
}

describe('recordFirstBaseline', () => {
  it('makes the schema as it is what is expected, and keeps who said so and why', async () => {
    // GIVEN
    const now = await fingerprint(database);

    // WHEN
    const recorded = await record([]);

    // THEN
    expect(recorded).toEqual({ fingerprint: now, applied: [] });
    expect(await findDrift(database)).toMatchObject({
      drifted: false,
      expected: { fingerprint: now, source: { kind: 'baseline', by: 'alice', reason: 'adopted' } },
    });
    await pool.query('alter table orders add column hasty int');
    expect((await findDrift(database)).comparison?.differences).toMatchObject([
      { difference: 'added', name: 'public.orders.hasty' },
    ]);
  });

  it('counts migrations as applied, so that the next one may start and they may not', async () => {
    // GIVEN
    const text = (table: string) =>
      `version: 1\ntitle: t\nexpand:\n  - {id: a, sql: create table ${table} (id int), undo: drop table ${table}}\n`;
    const first = await inlineMigration('0001_first', { 'migration.yaml': text('orders') });
    const second = await inlineMigration('0002_second', { 'migration.yaml': text('notes') });
    const known = [first, second].flatMap(({ source }) => source.known);

    // WHEN
    await recordFirstBaseline(
      {
        control: { getLease: async () => undefined } as unknown as ControlStore,
        database,
        target: TARGET,
      },
      [{ migrationId: first.migration.migrationId, checksum: first.migration.checksum }],
      { by: 'alice', reason: 'adopted' },
    );

    // THEN
    const check = ({ source, migration }: typeof first) =>
      checkHistory(database, { ...source, known }, migration);
    expect(await check(second)).toBeUndefined();
    expect(await check(first)).toBe(
      'migration 0001_first is applied already, by execution 0001_first-baseline',
    );
    expect((await findDrift(database)).drifted).toBe(false);
  });

  it('is refused where the ledger knows anything, and changes nothing then', async () => {
    await record(['0001_first']);
    await expect(record(['0001_first', '0002_second'])).rejects.toMatchObject({
      code: 'WrongState',
      fix: expect.stringContaining('drift --accept'),
    });
    expect((await listMigrations(database)).map(({ migrationId }) => migrationId)).toEqual([
      '0001_first',
    ]);
  });

  it('is recorded once when two people do it at the same time', async () => {
    const outcomes = await Promise.allSettled([record(['0001_first']), record([])]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is refused while an execution is at work', async () => {
    const lease: Lease = {
      target: TARGET,
      executionId: '0001_first-abcd' as ExecutionId,
      fence: fencingToken(1),
      since: epochMs(0),
    };
    await expect(record([], lease)).rejects.toMatchObject({ code: 'LeaseHeld' });
  });
});
