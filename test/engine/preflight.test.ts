import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LockkeeperError } from '../../lib/core/errors.ts';
import { prepare } from '../../lib/engine/prepare.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import type { HostMetrics } from '../../lib/ports/host-metrics.ts';
import { bootstrapLedger } from '../../lib/postgres/ledger/bootstrap.ts';
import { recordBaseline } from '../../lib/postgres/ledger/expected-schema.ts';
import { recordPicture } from '../../lib/postgres/ledger/pictures.ts';
import { targetScene } from '../support/target-scene.ts';

const scene = targetScene(
  `create table accounts (id int primary key, email text, boss int);
   insert into accounts values (1, 'ada', null), (2, 'ada', 9), (3, null, 1)`,
);

/** What prepare said of the target, and how it ended. */
async function prepared(
  steps: string,
  more: Parameters<typeof scene.started>[1] & { readonly host?: HostMetrics | undefined } = {},
) {
  const context = await scene.started(`version: 1\ntitle: try\n${steps}`, more);
  const outcome = await prepare({ ...context, host: more.host });
  const events = await scene.control.listAudit(context.executionId);
  const warnings = events
    .filter(({ kind }) => kind === 'TargetWarned')
    .map(({ facts, reason }) => `${facts?.['condition']}: ${reason}`);
  return { outcome, warnings };
}

describe('the local storage of a writer', () => {
  const INDEX =
    'expand:\n  - {id: look_up, sql: create index concurrently by_email on accounts (email), undo: drop index concurrently by_email}';
  const calm = { cpuPercent: 5, cpuCredits: undefined, acuPercent: undefined };

  beforeEach(() =>
    // As Aurora says that it is Aurora, and a table of 100 million rows to the planner.
    scene.query(`create function aurora_version() returns text language sql as $$ select '17.4' $$;
      update pg_class set reltuples = 1e8, relpages = 1000000 where oid = 'accounts'::regclass`),
  );

  it('is compared with what is sorted there, where CloudWatch may be asked', async () => {
    const host = { read: async () => ({ ...calm, freeLocalBytes: 2 * 1024 ** 3 }) };
    const { warnings } = await prepared(INDEX, { host });
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^storage: .* about 2 GiB of local storage left for sorting, less than look_up may need$/,
      ),
    );
  });

  it.each<[string, HostMetrics | undefined]>([
    ['it may not be asked', undefined],
    [
      'it does not answer',
      {
        read: async () => {
          throw new LockkeeperError('TargetUnreachable', 'CloudWatch did not answer');
        },
      },
    ],
  ])('is said to be unknown where %s', async (_why, host) => {
    const { warnings } = await prepared(INDEX, { host });
    expect(warnings).toContainEqual(expect.stringContaining('cannot be asked in SQL'));
  });
});

describe('data that would fail a constraint', () => {
  it('is found when the migration is prepared, days before the step', async () => {
    const { outcome, warnings } = await prepared(`
expand:
  - id: unique_email
    sql: create unique index concurrently accounts_email on accounts (email)
    undo: drop index concurrently accounts_email
validate:
  - id: boss
    sql: alter table accounts add constraint boss foreign key (boss) references accounts (id) not valid
    undo: alter table accounts drop constraint boss
  - id: email_known
    sql: alter table accounts add constraint known check (email is not null) not valid
    undo: alter table accounts drop constraint known
`);
    expect(outcome).toEqual({ kind: 'done' });
    expect(warnings).toEqual([
      'duplicates: step unique_email would fail: accounts has several rows with the same (email)',
      'orphans: step boss would fail: accounts has rows whose (boss) is not in accounts',
      'nulls: step email_known would fail: accounts has rows in which email is NULL',
    ]);
  });

  it('is not looked for where the migration makes or fills the column', async () => {
    const { warnings } = await prepared(`
expand:
  - { id: add, sql: alter table accounts add column code text, undo: alter table accounts drop column code }
backfill:
  - { id: fill, table: accounts, set: { email: id::text }, undo: update accounts set email = null where false }
validate:
  - id: email_known
    sql: alter table accounts add constraint known check (email is not null) not valid
    undo: alter table accounts drop constraint known
  - id: code_known
    sql: alter table accounts add constraint coded check (code is not null) not valid
    undo: alter table accounts drop constraint coded
`);
    expect(warnings).toEqual([]);
  });
});

const ADD = `
expand:
  - { id: add, sql: alter table accounts add column code text, undo: alter table accounts drop column code }
`;

describe('the condition of the target', () => {
  it('is said: broken indexes, disabled triggers, and transactions nobody ended', async () => {
    await scene.query(`create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger quiet before update on accounts for each row execute function nothing();
      alter table accounts disable trigger quiet`);
    await expect(
      scene.query('create unique index concurrently broken on accounts (email)'),
    ).rejects.toThrow('could not create unique index');
    const { outcome, warnings } = await prepared(ADD);
    expect(outcome).toEqual({ kind: 'done' });
    expect(warnings).toEqual([
      'invalid-index: the index broken of accounts is invalid: every write maintains it and no query uses it',
      'disabled-trigger: the trigger quiet of accounts is disabled',
    ]);
  });

  it('says what the server does not do for a backfill, and which of our transactions nobody sees', async () => {
    await scene.query('alter table accounts set (autovacuum_enabled = off)');
    const { warnings } = await prepared(ADD);
    expect(warnings).toEqual([
      'autovacuum-off: autovacuum is off for accounts: nobody removes the dead rows of a backfill, or gathers statistics after it',
    ]);
  });

  it('refuses an extension that the server does not offer, and what nobody has', async () => {
    expect(
      (
        await prepared(
          'expand:\n  - {id: e, sql: create extension nowhere, undo: drop extension nowhere}\n',
        )
      ).outcome,
    ).toMatchObject({
      kind: 'rejected',
      reason: expect.stringMatching(
        /^the extension nowhere is not available on this server; see pg_av/,
      ),
    });
    const search = `expand:
  - {id: i, sql: create index concurrently i on accounts using gin (email gin_trgm_ops), undo: drop index concurrently i}
`;
    expect((await prepared(search)).outcome).toMatchObject({
      reason:
        'the operator class gin_trgm_ops does not exist: the extension pg_trgm has it and is not installed; let an earlier step say: create extension pg_trgm',
    });
    await scene.query('create extension pg_trgm');
    expect((await prepared(search)).outcome).toEqual({ kind: 'done' });
  });

  it('has nothing against an extension that an earlier step creates', async () => {
    const steps = `expand:
  - {id: e, sql: create extension citext, undo: drop extension citext}
  - {id: c, sql: alter table accounts add column nick citext, undo: alter table accounts drop column nick}
`;
    expect((await prepared(steps)).outcome).toEqual({ kind: 'done' });
  });

  it('refuses a schema that drifted, or says so, as the environment wants', async () => {
    // GIVEN a schema that somebody accepted, and a change after that
    await bootstrapLedger(scene.target);
    await scene.target.transaction(async (tx) => {
      await recordBaseline(tx, await recordPicture(tx), { by: 'alice', reason: 'adopted' });
    });
    await scene.query('create table hasty ()');
    // WHEN THEN
    expect((await prepared(ADD)).outcome).toMatchObject({
      kind: 'rejected',
      reason: expect.stringMatching(/^the schema is not what the ledger left behind/),
    });
    const { outcome, warnings } = await prepared(ADD, { onDrift: 'warn' });
    expect(outcome).toEqual({ kind: 'done' });
    expect(warnings).toEqual([expect.stringMatching(/^drift: the schema is not what the ledger/)]);
  });

  describe('for a role that owns nothing', () => {
    const role = `migrator_${process.pid}`;
    let own: Database;
    beforeEach(async () => {
      const url = new URL(scene.url);
      await scene.query(`create role ${role} login password 'x';
        grant create on database ${url.pathname.slice(1)} to ${role};
        grant create on schema public to ${role}`);
      url.username = role;
      url.password = 'x';
      own = pgDatabase({ url: url.toString() });
    });
    afterEach(async () => {
      await own.close();
      await scene.query(`drop owned by ${role}; drop role ${role}`);
    });

    it('refuses a table that it may not change, before anything is changed', async () => {
      expect((await prepared(ADD, { database: own })).outcome).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(/^accounts belongs to postgres, and only its owner/),
      });
    });

    it('wants no more than REFERENCES of a table that a foreign key points to', async () => {
      const steps = `expand:
  - id: notes
    sql: create table notes (account int references accounts (id))
    undo: drop table notes
`;
      expect((await prepared(steps, { database: own })).outcome).toMatchObject({
        reason: expect.stringMatching(
          /^our role has no REFERENCES on accounts; grant references on/,
        ),
      });
      await scene.query(`grant references on accounts to ${role}`);
      const { outcome, warnings } = await prepared(steps, { database: own });
      expect(outcome).toEqual({ kind: 'done' });
      // AND says what a role without pg_monitor does not see
      expect(warnings).toEqual([expect.stringMatching(/^unseen-sessions: our role does not see/)]);
    });
  });
});
