import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeclaredUndo } from '../../../lib/core/migration/migration.ts';
import type { Classification } from '../../../lib/core/sql/classification.ts';
import { classify } from '../../../lib/core/sql/classify.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';
import type { ProofContext } from '../../../lib/engine/prove/prove-group.ts';
import {
  type PhasedStatement,
  type ProofReport,
  proveMigration,
  proveStatements,
} from '../../../lib/engine/prove/prove-migration.ts';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import type { Database } from '../../../lib/ports/database.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';

const SCHEMA = `
  create table accounts (id bigint primary key, email text, plan varchar(10));
  create table invoices (id bigint primary key, account_id bigint, total int);
  create index invoices_account on invoices (account_id);
  create materialized view totals as select account_id, sum(total) as total from invoices group by 1;
  create unique index totals_account on totals (account_id)`;

let target: TestDatabase;
let database: Database;
let context: ProofContext;
beforeEach(async () => {
  target = await freshDatabase();
  const pool = target.pool();
  await pool.query(SCHEMA);
  database = pgDatabase({ url: target.url, connections: 4 });
  context = { database, parser: await loadParser() };
});
afterEach(async () => {
  await database.close();
  await target.drop();
});

const prove = (sql: readonly string[], as: ProofContext = context) =>
  proveStatements(
    as,
    sql.map((each) => [each]),
  );
const said = ({ findings }: ProofReport) =>
  findings.map(({ index, rule, message }) => `${index} ${rule.id}: ${message}`);

const step = (sql: string, undo?: string): PhasedStatement => ({
  phase: 'expand',
  declared: { sql, undo: undoOf(undo) },
});
const undoOf = (sql: string | undefined): DeclaredUndo =>
  sql === undefined ? { kind: 'nothing', why: 'nothing to take back' } : { kind: 'statement', sql };

interface Planted {
  readonly title: string;
  readonly sql: string;
  readonly lie: Partial<Classification>;
  readonly finds: string;
}

describe('proveStatements', () => {
  it('finds no difference where the classification is right', async () => {
    const report = await prove([
      'alter table accounts add column fax text',
      'alter table accounts alter column plan type varchar(20)',
      'alter table accounts alter column plan type char(20)',
      'alter table accounts add check (length(email) > 3) not valid',
      'create index concurrently accounts_email on accounts (email)',
      'alter table invoices add foreign key (account_id) references accounts',
      'refresh materialized view concurrently totals',
      'reindex index concurrently accounts_email',
      'drop index concurrently accounts_email',
      'drop table invoices cascade',
    ]);
    expect([said(report), report.measured, report.unmeasured]).toEqual([[], 10, 0]);
  });

  it.each([
    {
      title: 'a lock that is stronger than announced',
      sql: 'alter table accounts add column fax text',
      lie: {
        locks: [{ relation: { schema: undefined, name: 'accounts' }, mode: 'ShareLock', why: '' }],
      },
      finds:
        '0 proof-missed: it holds AccessExclusiveLock on accounts, and ShareLock was announced',
    },
    {
      title: 'a lock that nobody announced',
      sql: 'alter table invoices add foreign key (account_id) references accounts not valid',
      lie: {
        locks: [
          {
            relation: { schema: 'public', name: 'invoices' },
            mode: 'ShareRowExclusiveLock',
            why: '',
          },
        ],
      },
      finds:
        '0 proof-missed: it holds ShareRowExclusiveLock on accounts, and no lock on it was announced',
    },
    {
      title: 'a rewrite that was not announced',
      sql: 'alter table invoices alter column total type bigint',
      lie: { rewritten: [] },
      finds: '0 proof-missed: invoices is rewritten, and that was not announced',
    },
    {
      title: 'a scan that was not announced',
      sql: 'alter table invoices add check (total > 0)',
      lie: { scans: [] },
      finds: '0 proof-missed: invoices is read from end to end, and that was not announced',
    },
    {
      title: 'a lock that is weaker than announced',
      sql: 'alter table invoices validate constraint known',
      lie: {
        locks: [
          {
            relation: { schema: undefined, name: 'invoices' },
            mode: 'AccessExclusiveLock',
            why: '',
          },
        ],
      },
      finds:
        '0 proof-overstated: AccessExclusiveLock on invoices was announced, and it holds ShareUpdateExclusiveLock',
    },
    {
      title: 'a lock of CONCURRENTLY that nobody announced',
      sql: 'create index concurrently invoices_total on invoices (total)',
      lie: {
        locks: [
          { relation: { schema: undefined, name: 'invoices' }, mode: 'RowShareLock', why: '' },
        ],
      },
      finds:
        '0 proof-missed: it holds ShareUpdateExclusiveLock on invoices, and RowShareLock was announced',
    },
  ] satisfies readonly Planted[])(
    'finds a planted wrong classification: $title',
    async ({ sql, lie, finds }) => {
      // GIVEN
      const pool = target.pool();
      await pool.query('drop materialized view totals');
      await pool.query('alter table invoices add constraint known check (id > 0) not valid');
      const liar: ProofContext = {
        ...context,
        classifyAs: (statement, about) => ({ ...classify(statement, about), ...lie }),
      };

      // WHEN
      const report = await prove([sql], liar);

      // THEN
      expect(said(report)).toContain(finds);
    },
  );

  it('stops where the server refuses a statement, and says how many did not run', async () => {
    const report = await prove([
      'alter table accounts add column fax text',
      'alter table accounts drop column faks',
      'drop table accounts',
    ]);
    expect(said(report)).toEqual([
      '1 proof-refused: the server refuses it: column "faks" of relation "accounts" does not exist',
    ]);
    expect([report.measured, report.skipped]).toEqual([1, 1]);
  });

  it('says nothing against a statement that nobody claims to understand', async () => {
    const report = await prove([`do $$ begin lock table accounts; end $$`]);
    expect(said(report)).toEqual([]);
  });

  it('does not call what it could not see measured', async () => {
    const report = await prove(['vacuum accounts']);
    expect([report.measured, report.unmeasured]).toEqual([0, 1]);
  });
});

describe('proveMigration', () => {
  it('takes everything back and does it again', async () => {
    const report = await proveMigration(context, [
      step('alter table accounts add column fax text', 'alter table accounts drop column fax'),
      step(
        'create index concurrently accounts_fax on accounts (fax)',
        'drop index concurrently if exists accounts_fax',
      ),
    ]);
    expect([said(report), report.measured]).toEqual([[], 6]);
  });

  it('finds an undo that leaves something behind', async () => {
    const report = await proveMigration(context, [
      step('create table fax_numbers (id bigint primary key, fax text)', 'drop table fax_numbers'),
      step('alter table accounts add column fax text', 'select 1'),
    ]);
    expect(said(report)).toContain(
      '0 proof-undo: after the way back the schema is not what it was: column public.accounts.fax',
    );
  });

  it('finds an undo that does not run', async () => {
    const report = await proveMigration(context, [
      step('alter table accounts add column fax text', 'alter table accounts drop column faks'),
    ]);
    expect(said(report)).toEqual([
      '0 proof-undo: its undo: the server refuses it: column "faks" of relation "accounts" does not exist',
    ]);
  });
});
