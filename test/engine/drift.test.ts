import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { whoChanged } from '../../lib/core/drift/who-changed.ts';
import {
  type Checksum,
  type ExecutionId,
  epochMs,
  fencingToken,
  type MigrationId,
  type PlanHash,
} from '../../lib/core/ids.ts';
import { acceptSchema } from '../../lib/engine/drift/accept-schema.ts';
import { findDrift } from '../../lib/engine/drift/find-drift.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { ControlStore, Lease } from '../../lib/ports/control-store.ts';
import type { Database } from '../../lib/ports/database.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import { bootstrapLedger } from '../../lib/postgres/ledger/bootstrap.ts';
import { switchRecording } from '../../lib/postgres/ledger/ddl-log.ts';
import { recordBegin, recordEnd } from '../../lib/postgres/ledger/executions.ts';
import { recordPicture } from '../../lib/postgres/ledger/pictures.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const TARGET = 'cluster/app';

let test: TestDatabase;
let pool: pg.Pool;
let database: Database;
beforeEach(async () => {
  test = await freshDatabase();
  pool = test.pool();
  database = pgDatabase({ url: test.url, connections: 2 });
  await pool.query(
    `create table orders (id bigint primary key, note text, constraint short check (length(note) < 9));
     create function total() returns int language sql immutable as 'select 1'`,
  );
});
afterEach(async () => {
  await database.close();
  await test.drop();
});

/** The lease is all that accepting asks the control store for. */
function control(holder?: string): Pick<ControlStore, 'getLease'> {
  const lease = (executionId: string): Lease => ({
    target: TARGET,
    executionId: executionId as ExecutionId,
    fence: fencingToken(1),
    since: epochMs(0),
  });
  return { getLease: async () => (holder === undefined ? undefined : lease(holder)) };
}

function accept(reason: string, lease?: string) {
  // Sound: accepting calls no other method.
  const context = { control: control(lease) as ControlStore, database, target: TARGET };
  return acceptSchema(context, { by: 'alice', reason });
}

/** The ledger as an execution leaves it behind. */
async function execute(migrationId: string, end: 'applied' | 'rolled-back' | undefined) {
  const executionId = `${migrationId}-x` as ExecutionId;
  await bootstrapLedger(database);
  await database.transaction(async (tx) => {
    await recordBegin(tx, {
      executionId,
      migrationId: migrationId as MigrationId,
      checksum: 'c' as Checksum,
      planHash: 'p' as PlanHash,
      fingerprint: await fingerprint(tx),
    });
  });
  if (end === undefined) return;
  await database.transaction(async (tx) => {
    const after = end === 'applied' ? await recordPicture(tx) : await fingerprint(tx);
    await recordEnd(tx, executionId, end, after);
  });
}

describe('findDrift', () => {
  it('expects nothing of a database that nobody migrated', async () => {
    expect(await findDrift(database)).toMatchObject({ expected: undefined, drifted: false });
  });

  it('finds no drift right after a migration', async () => {
    await execute('0001_first', 'applied');
    expect(await findDrift(database)).toMatchObject({
      drifted: false,
      expected: { source: { kind: 'migration', migrationId: '0001_first' } },
    });
  });

  it('names each object that was added, is gone or is different', async () => {
    // GIVEN
    await execute('0001_first', 'applied');

    // WHEN
    await pool.query(
      `alter table orders add column hasty int, drop constraint short;
       create index orders_note on orders (note);
       create or replace function total() returns int language sql immutable as 'select 2'`,
    );

    // THEN
    const { drifted, comparison } = await findDrift(database);
    expect(drifted).toBe(true);
    expect(
      comparison?.differences.map(({ difference, kind, name }) => [difference, kind, name]),
    ).toEqual([
      ['added', 'column', 'public.orders.hasty'],
      ['missing', 'constraint', 'public.orders.short'],
      ['changed', 'function', 'public.total()'],
      ['added', 'index', 'public.orders_note'],
    ]);
    expect(comparison?.differences[0]).toMatchObject({ expected: undefined, found: '3 integer' });
    expect(comparison?.differences[1]).toMatchObject({
      expected: 'CHECK ((length(note) < 9))',
      found: undefined,
    });
  });

  it('has no drift any more when what was done by hand is undone', async () => {
    await execute('0001_first', 'applied');
    await pool.query('alter table orders add column hasty int');
    await pool.query('alter table orders drop column hasty');
    expect((await findDrift(database)).drifted).toBe(false);
  });

  it('names the migration that is half way', async () => {
    await execute('0001_first', 'applied');
    await execute('0002_second', undefined);
    await pool.query('alter table orders add column planned int');
    expect(await findDrift(database)).toMatchObject({ drifted: true, inProgress: '0002_second' });
  });

  it('goes on expecting what was before a migration that was rolled back', async () => {
    await execute('0001_first', 'applied');
    await execute('0002_second', 'rolled-back');
    expect(await findDrift(database)).toMatchObject({
      drifted: false,
      expected: { source: { migrationId: '0001_first' } },
    });
  });

  it('counts every difference and lists the first hundred', async () => {
    // GIVEN
    await execute('0001_first', 'applied');

    // WHEN
    const columns = Array.from({ length: 150 }, (_, index) => `add column c${index} int`);
    await pool.query(`alter table orders ${columns.join(', ')}`);

    // THEN
    const { comparison } = await findDrift(database);
    expect(comparison?.total).toBe(150);
    expect(comparison?.differences).toHaveLength(100);
  });

  it('keeps the picture that is expected and no other', async () => {
    await execute('0001_first', 'applied');
    await pool.query('alter table orders add column second int');
    await execute('0002_second', 'applied');
    const { rows } = await pool.query('select distinct fingerprint from lockkeeper.pictures');
    expect(rows).toEqual([{ fingerprint: await fingerprint(database) }]);
  });

  it('says so when a ledger knows only the fingerprint', async () => {
    await execute('0001_first', 'applied');
    await pool.query('delete from lockkeeper.pictures; alter table orders add column hasty int');
    expect(await findDrift(database)).toMatchObject({ drifted: true, comparison: { kept: false } });
  });
});

describe('acceptSchema', () => {
  it('ends a drift, and keeps who and why', async () => {
    // GIVEN
    await execute('0001_first', 'applied');
    await pool.query('alter table orders add column hasty int');

    // WHEN
    await accept('hotfix of incident 7');

    // THEN
    expect(await findDrift(database)).toMatchObject({
      drifted: false,
      expected: { source: { kind: 'baseline', by: 'alice', reason: 'hotfix of incident 7' } },
    });
    await pool.query('alter table orders drop column hasty');
    expect((await findDrift(database)).comparison?.differences).toMatchObject([
      { difference: 'missing', name: 'public.orders.hasty' },
    ]);
  });

  it('holds until the next migration is applied', async () => {
    await execute('0001_first', 'applied');
    await pool.query('alter table orders add column hasty int');
    await accept('hotfix');
    await pool.query('alter table orders add column planned int');
    await execute('0002_second', 'applied');
    expect(await findDrift(database)).toMatchObject({
      drifted: false,
      expected: { source: { kind: 'migration', migrationId: '0002_second' } },
    });
  });

  it('is the first entry of a database that existed before its ledger', async () => {
    await accept('adopted');
    expect((await findDrift(database)).drifted).toBe(false);
    await pool.query('drop function total()');
    expect((await findDrift(database)).drifted).toBe(true);
  });

  it('is refused while a migration is half way or at work', async () => {
    await execute('0001_first', undefined);
    await expect(accept('no')).rejects.toMatchObject({ code: 'WrongState' });
    await expect(accept('no', '0001_first-x')).rejects.toMatchObject({ code: 'LeaseHeld' });
  });
});

describe('the recording of who changes the schema', () => {
  const by = async () => {
    const { comparison, changes } = await findDrift(database);
    return comparison?.differences.map(({ name }) => {
      const change = whoChanged(name, changes);
      return change && [name, change.role, change.application, change.command];
    });
  };

  it('is off until somebody switches it on', async () => {
    await execute('0001_first', 'applied');
    await pool.query('alter table orders add column hasty int');
    expect(await findDrift(database)).toMatchObject({ recording: false, changes: [] });
    expect(await by()).toEqual([undefined]);
  });

  it('tells who made each difference, and with what', async () => {
    // GIVEN
    await execute('0001_first', 'applied');
    await switchRecording(database, true);
    const client = await pool.connect();
    await client.query(`set application_name = 'psql'`);

    // WHEN
    await client.query('alter table orders add column hasty int');
    await client.query('alter table orders drop constraint short');
    await client.query('create index orders_note on orders (note)');
    await client.query(
      `create or replace function total() returns int language sql immutable as 'select 2'`,
    );
    await client.query('create temporary table scratch (a int)');
    await client.query('/* lockkeeper 0002-x step */ comment on table orders is null');
    client.release();

    // THEN
    expect(await findDrift(database)).toMatchObject({ recording: true });
    expect(await by()).toEqual([
      ['public.orders.hasty', 'postgres', 'psql', 'ALTER TABLE'],
      ['public.orders.short', 'postgres', 'psql', 'ALTER TABLE'],
      ['public.total()', 'postgres', 'psql', 'CREATE FUNCTION'],
      ['public.orders_note', 'postgres', 'psql', 'CREATE INDEX'],
    ]);
    const { rows } = await pool.query(
      'select distinct identity from lockkeeper.ddl_log order by 1',
    );
    expect(rows.map(({ identity }) => identity)).toEqual([
      'public.orders',
      'public.orders_note',
      'public.total()',
      'short on public.orders',
    ]);
  });

  it('records whoever connected, also one who may not read the ledger, and never fails their statement', async () => {
    await execute('0001_first', 'applied');
    await switchRecording(database, true);
    const role = `hasty_${process.pid}`;
    await pool.query(
      `create role ${role} login password 'x'; grant create on schema public to ${role}`,
    );
    const url = new URL(test.url);
    url.username = role;
    url.password = 'x';
    const own = pgDatabase({ url: url.href });
    try {
      await own.execute('create table theirs (id int)');
      await pool.query('drop table lockkeeper.ddl_log');
      await own.execute('create table more (id int)');
      await expect(switchRecording(own, true)).rejects.toMatchObject({ code: 'NotAllowed' });
      await switchRecording(database, true);
      await own.execute('drop table more');
    } finally {
      await own.close();
      await pool.query(`drop owned by ${role}; drop role ${role}`);
    }
    const { rows } = await pool.query(
      `select role, command, identity from lockkeeper.ddl_log where role = '${role}' order by change_id`,
    );
    expect(rows).toEqual([{ role, command: 'DROP TABLE', identity: 'public.more' }]);
  });

  it('ends when it is switched off, and goes with the ledger', async () => {
    await execute('0001_first', 'applied');
    await switchRecording(database, true);
    await switchRecording(database, false);
    await pool.query('alter table orders add column hasty int');
    expect(await findDrift(database)).toMatchObject({ recording: false, changes: [] });
    await switchRecording(database, true);
    await pool.query('drop schema lockkeeper cascade');
    await pool.query('alter table orders add column hastier int');
  });
});
