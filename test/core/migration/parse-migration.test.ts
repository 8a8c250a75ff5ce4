import { describe, expect, it } from '@jest/globals';
import { migrationWith, parsedMigration } from './migration-text.ts';

const BILLING = `version: 1
title: Add billing to a running SaaS
description: Amounts become whole cents.
assertions:
  - {id: has_accounts, query: select count(*) > 0 from accounts, expect: true}
  - {id: no_debts, query: select id from accounts where balance < 0, expect: no rows}
expand:
  - id: add_total_cents
    sql: alter table invoices add column total_cents bigint
    undo: alter table invoices drop column total_cents
  - id: sync_fn
    file: expand/sync.sql
    undo_file: expand/sync.undo.sql
backfill:
  - id: fill_total
    table: public.invoices
    set: {total_cents: 'round(total * 100)::bigint'}
    where: total_cents is null
    batch: {target: 250ms, max_rows: 20000}
  - id: copy
    table: accounts
    alias: a
    sql: |
      insert into billing_customers (account_id)
      select a.id from accounts a where :range on conflict do nothing
    undo: delete from billing_customers
validate:
  - {id: no_nulls, query: select count(*) from invoices where total_cents is null, expect: 0}
  - {id: validate_chk, sql: alter table invoices validate constraint chk}
contract:
  - id: hide_total
    sql: alter table invoices rename column total to total_old
    undo: alter table invoices rename column total_old to total
finalize:
  - {id: drop_old, sql: alter table invoices drop column total_old, irreversible: the old amounts are gone for good}
gates:
  review: {kind: approval, approvals: 2, timeout: 4h, on_timeout: rollback}
  deploy: {kind: signal, signals: [app, worker], timeout: 1d}
  soak: {kind: timer, duration: 90m}
snapshots: {before_expand: none}
windows:
  backfill:
    - {from: '22:00', to: '05:30', days: [fri, mon], time_zone: Europe/Berlin}
`;
const SYNC = `create function f() returns trigger language plpgsql as $$begin return new; end;$$;
create trigger t before insert on invoices for each row execute function f();
`;
const FILES = {
  'expand/sync.sql': SYNC,
  'expand/sync.undo.sql': 'drop trigger t on invoices;\ndrop function f();\n',
};
const FILE = 'migrations/0002_add_billing/migration.yaml';

describe('a migration that uses everything', () => {
  const migration = parsedMigration(BILLING, FILES);

  it('keeps what is for people', () => {
    expect(migration).toMatchObject({
      migrationId: '0002_add_billing',
      title: 'Add billing to a running SaaS',
      description: 'Amounts become whole cents.',
    });
  });

  it('reads checks with a value and checks that find nothing', () => {
    expect(migration.assertions).toEqual([
      {
        kind: 'check',
        stepId: 'has_accounts',
        query: 'select count(*) > 0 from accounts',
        expect: { kind: 'value', value: true },
        location: { file: FILE, line: 5, column: 5 },
      },
      {
        kind: 'check',
        stepId: 'no_debts',
        query: 'select id from accounts where balance < 0',
        expect: { kind: 'no-rows' },
        location: { file: FILE, line: 6, column: 5 },
      },
    ]);
  });

  it('splits a step with several statements and pairs each with its undo, newest first', () => {
    expect(migration.expand).toEqual([
      {
        kind: 'statement',
        stepId: 'add_total_cents',
        sql: 'alter table invoices add column total_cents bigint',
        undo: { kind: 'statement', sql: 'alter table invoices drop column total_cents' },
        location: { file: FILE, line: 9, column: 10 },
      },
      {
        kind: 'statement',
        stepId: 'sync_fn_1',
        sql: 'create function f() returns trigger language plpgsql as $$begin return new; end;$$',
        undo: { kind: 'statement', sql: 'drop function f()' },
        location: { file: 'migrations/0002_add_billing/expand/sync.sql', line: 1, column: 1 },
      },
      {
        kind: 'statement',
        stepId: 'sync_fn_2',
        sql: 'create trigger t before insert on invoices for each row execute function f()',
        undo: { kind: 'statement', sql: 'drop trigger t on invoices' },
        location: { file: 'migrations/0002_add_billing/expand/sync.sql', line: 2, column: 1 },
      },
    ]);
  });

  it('reads both forms of a backfill, with paces in milliseconds', () => {
    expect(migration.backfill).toEqual([
      {
        kind: 'backfill',
        stepId: 'fill_total',
        table: 'public.invoices',
        work: {
          kind: 'update',
          set: { total_cents: 'round(total * 100)::bigint' },
          where: 'total_cents is null',
        },
        pacing: {
          targetBatchMs: 250,
          minRows: 100,
          maxRows: 20_000,
          pauseMs: 0,
          quarantineLimit: 0,
        },
        undo: {
          kind: 'nothing',
          why: 'it writes only what expand created: public.invoices.total_cents',
        },
        location: { file: FILE, line: 15, column: 5 },
      },
      {
        kind: 'backfill',
        stepId: 'copy',
        table: 'accounts',
        work: {
          kind: 'sql',
          sql: 'insert into billing_customers (account_id)\nselect a.id from accounts a where :range on conflict do nothing',
          alias: 'a',
        },
        pacing: {
          targetBatchMs: 100,
          minRows: 100,
          maxRows: 50_000,
          pauseMs: 0,
          quarantineLimit: 0,
        },
        undo: { kind: 'statement', sql: 'delete from billing_customers' },
        location: { file: FILE, line: 20, column: 5 },
      },
    ]);
  });

  it('mixes checks and steps in validate, where VALIDATE CONSTRAINT needs no undo', () => {
    expect(migration.validate.map(({ kind, stepId }) => [kind, stepId])).toEqual([
      ['check', 'no_nulls'],
      ['statement', 'validate_chk'],
    ]);
    expect(migration.validate[1]).toMatchObject({
      undo: {
        kind: 'nothing',
        why: 'the constraint already held for every new row, and dropping it drops its validation',
      },
    });
  });

  it('detaches with an undo and finalizes with the reason why there is none', () => {
    expect(migration.contract[0]?.undo).toEqual({
      kind: 'statement',
      sql: 'alter table invoices rename column total_old to total',
    });
    expect(migration.finalize[0]?.undo).toEqual({
      kind: 'irreversible',
      why: 'the old amounts are gone for good',
    });
  });

  it('reads gates, and fills in those that are not declared', () => {
    const HOUR = 3_600_000;
    expect(migration.gates).toEqual({
      review: { kind: 'approval', approvals: 2, timeoutMs: 4 * HOUR, onTimeout: 'rollback' },
      deploy: {
        kind: 'signal',
        signals: ['app', 'worker'],
        timeoutMs: 24 * HOUR,
        onTimeout: 'hold',
      },
      contract: { kind: 'approval', approvals: 1, timeoutMs: 168 * HOUR, onTimeout: 'hold' },
      soak: { kind: 'timer', durationMs: 1.5 * HOUR },
    });
  });

  it('reads who must be gone before the work behind a gate begins', () => {
    const { gates } = parsedMigration(`version: 1
title: A
expand: [{id: a, sql: analyze a}]
gates:
  contract: {kind: approval, old_application: {application_names: [app-v1*]}}
  soak: {kind: timer, duration: 1h, old_application: {roles: [app_v1], timeout: 10m}}
`);
    expect([gates.contract, gates.soak]).toMatchObject([
      { oldApplication: { applicationNames: ['app-v1*'], roles: [], timeoutMs: 3_600_000 } },
      { oldApplication: { applicationNames: [], roles: ['app_v1'], timeoutMs: 600_000 } },
    ]);
  });

  it('reads snapshots and windows', () => {
    expect(migration.snapshots).toEqual({
      beforeExpand: 'none',
      beforeContract: 'required',
      location: { file: FILE, line: 40, column: 12 },
    });
    expect(migration.windows).toEqual({
      backfill: [{ fromMinute: 1320, toMinute: 330, days: [1, 5], timeZone: 'Europe/Berlin' }],
    });
  });
});

describe('defaults', () => {
  const EXPAND = 'expand: [{id: a, sql: create table a (), undo: drop table a}]';
  const FINALIZE = 'finalize: [{id: z, sql: drop table b, irreversible: gone}]';

  it('have no contract gate, soak gate or second snapshot when nothing is removed', () => {
    const { gates, snapshots } = parsedMigration(migrationWith(EXPAND));
    expect([gates.review.kind, gates.deploy.kind, gates.contract.kind, gates.soak.kind]).toEqual([
      'none',
      'signal',
      'none',
      'none',
    ]);
    expect(snapshots).toEqual({ beforeExpand: 'required', beforeContract: 'none' });
  });

  it('have them when contract is empty but finalize is not', () => {
    const { gates, snapshots } = parsedMigration(migrationWith(FINALIZE));
    expect([gates.contract.kind, gates.soak.kind]).toEqual(['approval', 'timer']);
    expect(snapshots).toEqual({ beforeExpand: 'required', beforeContract: 'required' });
  });

  it('give way to what is declared', () => {
    const { gates, snapshots } = parsedMigration(
      migrationWith(`${FINALIZE}\nsnapshots: none\ngates: {deploy: none, contract: none}`),
    );
    expect([gates.deploy.kind, gates.contract.kind, gates.soak.kind]).toEqual([
      'none',
      'none',
      'timer',
    ]);
    expect(snapshots).toMatchObject({ beforeExpand: 'none', beforeContract: 'none' });
  });
});

describe('what is harmless', () => {
  const windows = (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`;

  it('accepts a byte order mark and Windows line ends, and reads the same migration', () => {
    const files = Object.entries(FILES).map(([path, text]) => [path, windows(text)]);
    const migration = parsedMigration(windows(BILLING), Object.fromEntries(files));
    expect(migration).toEqual(parsedMigration(BILLING, FILES));
  });

  it('accepts files that are no part of the migration', () => {
    const more = { 'README.md': '# why', '.idea/x.sql': 'nonsense' };
    expect(parsedMigration(BILLING, { ...FILES, ...more })).toEqual(
      parsedMigration(BILLING, FILES),
    );
  });
});
