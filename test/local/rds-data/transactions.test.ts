import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DataApi, startDataApi } from './data-api.ts';

const SHORT = { statementMs: 400, transactionIdleMs: 500 };

describe('transactions of the Data API', () => {
  let api: DataApi;

  beforeAll(async () => {
    api = await startDataApi({ limits: SHORT });
    await api.execute('create table lock_log (id int primary key)');
  });
  afterAll(() => api.close());

  const rows = async (): Promise<unknown> => api.value('select array_agg(id) from lock_log');

  it('are seen by others when they are committed, and never when rolled back', async () => {
    // GIVEN
    const kept = await api.begin();
    const dropped = await api.begin();
    await api.execute('insert into lock_log values (1)', { transactionId: kept });
    await api.execute('insert into lock_log values (2)', { transactionId: dropped });
    expect(await rows()).toEqual({ isNull: true });
    // WHEN
    expect(await api.commit(kept)).toBe('Transaction Committed');
    expect(await api.rollback(dropped)).toBe('Transaction Rolled Back');
    // THEN
    expect(await rows()).toEqual({ arrayValue: { longValues: [1] } });
    await expect(api.commit(kept)).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
      message: expect.stringContaining('One previous call resulted in a termination'),
    });
  });

  it('take one call at a time', async () => {
    const transactionId = await api.begin();
    const slow = api.execute('select pg_sleep(0.2)', { transactionId });
    await sleep(60);
    const busy = {
      name: 'DatabaseErrorException',
      message: 'Transaction is still running a query',
    };
    await expect(api.execute('select 1', { transactionId })).rejects.toMatchObject(busy);
    await expect(api.rollback(transactionId)).rejects.toMatchObject(busy);
    await slow;
    await expect(api.value('select 1', { transactionId })).resolves.toEqual({ longValue: 1 });
    await api.rollback(transactionId);
  });

  it('are aborted by a failed statement; only a rollback is left', async () => {
    // GIVEN
    const transactionId = await api.begin();
    await expect(api.execute('select 1/0', { transactionId })).rejects.toThrow(/SQLState: 22012/);
    // THEN
    const aborted = {
      name: 'TransactionNotFoundException',
      message: expect.stringContaining('Transaction has been aborted due to an error'),
    };
    await expect(api.execute('select 1', { transactionId })).rejects.toMatchObject(aborted);
    await expect(api.commit(transactionId)).rejects.toMatchObject(aborted);
    await expect(api.rollback(transactionId)).resolves.toBe('Transaction Rolled Back');
  });

  it('are rolled back when nobody uses them, and their locks with them', async () => {
    // GIVEN
    const transactionId = await api.begin();
    await api.execute('lock table lock_log in access exclusive mode', { transactionId });
    // WHEN calls keep coming, the transaction lives longer than its idle time
    for (let call = 0; call < 4; call += 1) {
      await sleep(SHORT.transactionIdleMs / 2);
      await api.execute('select 1', { transactionId });
    }
    await sleep(SHORT.transactionIdleMs + 200);
    // THEN
    await expect(api.execute('select 1', { transactionId })).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
      message: expect.stringContaining('Transaction may be expired.'),
    });
    await expect(rows()).resolves.toBeDefined();
  });

  it('belong to one database and were begun here', async () => {
    const transactionId = await api.begin();
    await expect(
      api.execute('select 1', { transactionId, database: 'postgres' }),
    ).rejects.toMatchObject({ message: 'Database name is not the same as transaction database' });
    await expect(api.execute('select 1', { transactionId })).resolves.toBeDefined();
    await api.rollback(transactionId);
    await expect(api.commit('made up')).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
    });
  });

  it('end when the statement itself is a COMMIT', async () => {
    const transactionId = await api.begin();
    await api.execute('commit', { transactionId });
    await expect(api.execute('select 1', { transactionId })).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
    });
  });

  it('report a deferred constraint at the commit', async () => {
    await api.execute(
      'create table child (id int references lock_log deferrable initially deferred)',
    );
    const transactionId = await api.begin();
    await api.execute('insert into child values (99)', { transactionId });
    await expect(api.commit(transactionId)).rejects.toThrow(/SQLState: 23503/);
  });
});

describe('the statement limit of the Data API', () => {
  let api: DataApi;

  beforeAll(async () => {
    api = await startDataApi({ limits: { ...SHORT, transactionIdleMs: 10_000 } });
    await api.execute('create table slow (id int)');
  });
  afterAll(() => api.close());

  const timeout = {
    name: 'StatementTimeoutException',
    message: 'Request timed out',
    dbConnectionId: expect.any(Number),
  };
  const slow = (id: number): string => `insert into slow select ${id} from pg_sleep(0.8)`;
  const count = (id: number): Promise<unknown> =>
    api.value(`select count(*) from slow where id = ${id}`);

  it('cancels the statement: nothing is applied', async () => {
    await expect(api.execute(slow(1))).rejects.toMatchObject(timeout);
    await sleep(800);
    expect(await count(1)).toEqual({ longValue: 0 });
  });

  it('lets it go on with continueAfterTimeout, and the caller still gets the error', async () => {
    // WHEN
    const failure = api.execute(slow(2), { continueAfterTimeout: true });
    await expect(failure).rejects.toMatchObject(timeout);
    // THEN the connection id names the backend that still works
    const { dbConnectionId } = (await failure.catch((error) => error)) as {
      dbConnectionId: number;
    };
    expect(
      await api.value(
        `select query like 'insert into slow%' from pg_stat_activity where pid = ${dbConnectionId}`,
      ),
    ).toEqual({ booleanValue: true });
    await sleep(800);
    expect(await count(2)).toEqual({ longValue: 1 });
  });

  it('keeps a transaction busy while its statement goes on', async () => {
    const transactionId = await api.begin();
    await expect(
      api.execute(slow(3), { transactionId, continueAfterTimeout: true }),
    ).rejects.toMatchObject(timeout);
    await expect(api.commit(transactionId)).rejects.toThrow('Transaction is still running a query');
    await sleep(700);
    await api.commit(transactionId);
    expect(await count(3)).toEqual({ longValue: 1 });
  });

  it('aborts the transaction of a cancelled statement', async () => {
    const transactionId = await api.begin();
    await expect(api.execute(slow(4), { transactionId })).rejects.toMatchObject(timeout);
    await expect(api.execute('select 1', { transactionId })).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
    });
    await api.rollback(transactionId);
  });

  it('covers a whole batch', async () => {
    const set = [{ name: 'n', value: { longValue: 5 } }];
    await expect(
      api.batch('insert into slow select :n from pg_sleep(0.3)', [set, set, set]),
    ).rejects.toMatchObject({ name: 'StatementTimeoutException' });
    expect(await count(5)).toEqual({ longValue: 1 });
  });
});
