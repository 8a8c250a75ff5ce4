import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { randomFrom } from '../../lib/demo/traffic/random.ts';
import { exampleMigration } from './support/example-migration.ts';
import { type SaasDatabase, saasDatabase } from './support/saas-database.ts';
import { type SequentialRunner, sequentialRunner } from './support/sequential-runner.ts';

const PLANS = ['free', 'starter', 'team', 'business'];
/** Few rows and small batches, so that writers and the backfill meet all the time. */
const TINY = { accounts: 30, users: 30, invoices: 300, seed: 3 };

describe('writers of both versions racing with the backfill', () => {
  let database: SaasDatabase;
  let runner: SequentialRunner;

  beforeEach(async () => {
    database = await saasDatabase(TINY);
    const migration = await exampleMigration('0001_add_billing');
    runner = sequentialRunner(database.pool, migration, { batchRows: 3 });
    await runner.apply('expand');
  });
  afterEach(() => database.drop());

  it('loses no update of an invoice', async () => {
    // GIVEN
    const before = await cents('amount * 100');
    let added = 0;
    const add = async (pool: Pool, seed: number, write: (cents: number) => string) => {
      const random = randomFrom(seed);
      for (let count = 0; count < 150; count++) {
        const fee = 1 + random.below(500);
        const { rowCount } = await pool.query(write(fee), [1 + random.below(TINY.invoices)]);
        added += fee * (rowCount ?? 0);
      }
    };
    const oldWrites = (fee: number) =>
      `update invoices set amount = amount + ${fee / 100} where id = $1`;
    const newWrites = (fee: number) =>
      `update invoices set amount_cents = amount_cents + ${fee}
       where id = $1 and amount_cents is not null`;

    // WHEN
    await Promise.all([
      add(database.pool, 1, oldWrites),
      add(database.pool, 2, oldWrites),
      add(database.pool, 3, newWrites),
      add(database.pool, 4, newWrites),
      runner.apply('backfill'),
    ]);

    // THEN
    expect(await cents('amount * 100')).toBe(before + added);
    expect(await cents('amount_cents')).toBe(before + added);
    await runner.apply('validate');
  });

  it('keeps both sides of an account equal to what was written last', async () => {
    // GIVEN
    const lastWritten = new Map<number, string>();
    const change = async (
      write: (account: number, plan: string) => Promise<unknown>,
      from: number,
    ) => {
      const random = randomFrom(from);
      for (let count = 0; count < 150; count++) {
        const account = from + 2 * random.below(TINY.accounts / 2);
        const plan = random.pick(PLANS);
        await write(account, plan);
        lastWritten.set(account, plan);
      }
    };

    // WHEN
    await Promise.all([
      change(oldChangesPlan, 1),
      change(async (account, plan) => {
        await oldChangesPlan(account, plan);
        await newChangesPlan(account, plan);
      }, 2),
      runner.apply('backfill'),
    ]);

    // THEN
    const { rows } = await database.pool.query<{ id: string; plan: string; moved: string }>(
      'select a.id, a.plan, s.plan as moved from accounts a join subscriptions s on s.account_id = a.id',
    );
    expect(rows).toHaveLength(TINY.accounts);
    for (const { id, plan, moved } of rows) {
      const expected = lastWritten.get(Number(id)) ?? plan;
      expect({ id, plan, moved }).toEqual({ id, plan: expected, moved: expected });
    }
  });

  it.each([
    ['a writer that comes while the backfill inserts the row', true],
    ['a backfill that comes while a writer has changed the row', false],
  ])('keeps the newer plan with %s', async (_, backfillFirst) => {
    // GIVEN
    const [first, second] = await Promise.all([database.pool.connect(), database.pool.connect()]);
    const moves = 'insert into subscriptions (account_id, billing_account_id, plan, started_at)';
    const backfill = `${moves} select id, id, plan, created_at from accounts where id = 1
      on conflict (account_id) do nothing`;
    const write = `update accounts set plan = 'business' where id = 1`;
    await first.query(`update accounts set plan = 'free' where id = 1`);
    await first.query('delete from subscriptions');

    // WHEN
    await first.query('begin');
    await first.query(backfillFirst ? backfill : write);
    const waiting = second.query(backfillFirst ? write : backfill);
    await sleep(100);
    await first.query('commit');
    await waiting;
    first.release();
    second.release();

    // THEN
    expect(await database.value('select plan from accounts where id = 1')).toBe('business');
    expect(await database.value('select plan from subscriptions')).toBe('business');
  });

  it('cannot make both versions wait for each other on one account', async () => {
    // GIVEN
    await runner.apply('backfill');
    const repeat = async (write: (account: number, plan: string) => Promise<unknown>) => {
      for (let count = 0; count < 200; count++) await write(1, PLANS[count % 4] ?? 'free');
    };

    // WHEN
    const racing = [oldChangesPlan, newChangesPlan, oldChangesPlan, newChangesPlan].map(repeat);
    const outcomes = await Promise.allSettled(racing);

    // THEN
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    await runner.apply('validate');
  });

  it('deletes with an account what the old version does not know about', async () => {
    // GIVEN
    await runner.apply('backfill');
    await runner.apply('validate');
    const { rows } = await database.pool.query(
      `insert into accounts (name, country, billing_email) values ('Short', 'SE', 'a@b.example')
       returning id`,
    );
    const count = `select (select count(*) from subscriptions where account_id = ${rows[0].id})
      + (select count(*) from billing_accounts where id = ${rows[0].id})`;
    expect(await database.value(count)).toBe('2');

    // WHEN
    await database.pool.query('delete from accounts where id = $1', [rows[0].id]);

    // THEN
    expect(await database.value(count)).toBe('0');
  });

  async function cents(expression: string): Promise<number> {
    return Number(await database.value(`select sum(${expression})::bigint from invoices`));
  }
  function oldChangesPlan(account: number, plan: string): Promise<unknown> {
    return database.pool.query('update accounts set plan = $2 where id = $1', [account, plan]);
  }
  async function newChangesPlan(account: number, plan: string): Promise<void> {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      await client.query('select id from accounts where id = $1 for no key update', [account]);
      await client.query('update subscriptions set plan = $2 where account_id = $1', [
        account,
        plan,
      ]);
      await client.query('commit');
    } finally {
      client.release();
    }
  }
});
