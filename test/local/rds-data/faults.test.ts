import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../../lib/local/http/faults.ts';
import { type DataApi, resourceArn, secretArn, startDataApi } from './data-api.ts';

describe('a Data API under faults', () => {
  let api: DataApi;
  let next: Fault | undefined;
  const asked: string[] = [];

  const start = async (): Promise<void> => {
    api = await startDataApi({
      faults: (service, action) => {
        asked.push(`${service}:${action}`);
        const fault = next;
        next = undefined;
        return fault;
      },
    });
    await api.execute('create table t (id int)');
  };
  afterEach(() => api.close());

  const count = (): Promise<unknown> => api.value('select count(*) from t');

  it('refuses, breaks the connection before or after the work, or is late', async () => {
    await start();
    const insert = 'insert into t values (1)';
    // throttled, failed: nothing done
    next = { kind: 'throttle' };
    await expect(api.execute(insert)).rejects.toMatchObject({ name: 'ThrottlingException' });
    next = { kind: 'error5xx' };
    await expect(api.execute(insert)).rejects.toMatchObject({ $fault: 'server' });
    next = { kind: 'error', code: 'DatabaseResumingException', status: 400, message: 'resuming' };
    await expect(api.execute(insert)).rejects.toMatchObject({ name: 'DatabaseResumingException' });
    // dropped: the caller cannot tell these two apart, the table can
    next = { kind: 'drop-before' };
    await expect(api.execute(insert)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await count()).toEqual({ longValue: 0 });
    next = { kind: 'drop-after' };
    await expect(api.execute(insert)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await count()).toEqual({ longValue: 1 });
    // late
    next = { kind: 'delay', delayMs: 150 };
    const before = Date.now();
    await api.execute(insert);
    expect(Date.now() - before).toBeGreaterThanOrEqual(145);
    expect(asked).toContain('rds-data:ExecuteStatement');
  });

  it('survives a caller that hangs up in the middle, and finishes its statement', async () => {
    // GIVEN
    await start();
    const call = request(`${api.url}/Execute`, { method: 'POST' });
    call.on('error', () => undefined);
    call.end(
      JSON.stringify({
        resourceArn,
        secretArn,
        database: api.database.name,
        sql: 'insert into t select 1 from pg_sleep(0.3)',
      }),
    );
    await sleep(100);
    // WHEN
    call.destroy();
    await sleep(500);
    // THEN
    expect(await count()).toEqual({ longValue: 1 });
  });

  it('survives the loss of its database sessions', async () => {
    await start();
    const transactionId = await api.begin();
    const running = api.execute('select pg_sleep(20)', { transactionId });
    const failed = expect(running).rejects.toThrow(/SQLState: 57P01/);
    await sleep(100);
    const pool = api.database.pool();
    await pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await failed;
    expect(await count()).toEqual({ longValue: 0 });
    await expect(api.execute('select 1', { transactionId })).rejects.toThrow();
    await expect(api.rollback(transactionId)).rejects.toThrow();
  });
});
