import { afterEach, describe, expect, it } from '@jest/globals';
import { dataApiClient } from '../../../lib/aws/data-api/data-api-client.ts';
import { dataApiDatabase } from '../../../lib/aws/data-api/data-api-database.ts';
import { systemClock } from '../../../lib/aws/system-clock.ts';
import { epochMs } from '../../../lib/core/ids.ts';
import type { Fault } from '../../../lib/local/http/faults.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import type { Database } from '../../../lib/ports/database.ts';
import {
  type DataApi,
  resourceArn,
  secretArn,
  startDataApi,
} from '../../local/rds-data/data-api.ts';
import { describeDatabase } from '../../ports/database-contract.ts';

interface Changes {
  readonly clock?: Clock;
  readonly clusterArn?: string;
  readonly secretArn?: string;
}

function connect(api: DataApi, changes: Changes = {}): Database {
  return dataApiDatabase({
    client: dataApiClient({
      endpoint: api.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
    clock: systemClock,
    clusterArn: resourceArn,
    secretArn,
    database: api.database.name,
    ...changes,
  });
}

describeDatabase('the Data API', async ({ giveUpMs } = {}) => {
  const api = await startDataApi(
    giveUpMs === undefined ? {} : { limits: { statementMs: giveUpMs } },
  );
  const database = connect(api);
  return {
    database,
    server: api.database,
    close: async () => {
      await database.close();
      await api.close();
    },
  };
});

describe('the Data API', () => {
  let cleanUp: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of cleanUp.toReversed()) await close();
    cleanUp = [];
  });

  /** @param faults what goes wrong with the calls of one action, in order; then nothing more */
  async function open(
    action: string,
    faults: readonly Fault[],
    changes: Changes = {},
  ): Promise<{ readonly database: Database; calls(): number }> {
    const left = [...faults];
    let calls = 0;
    const api = await startDataApi({
      faults: (_service, called) => {
        if (called !== action) return undefined;
        calls += 1;
        return left.shift();
      },
    });
    const database = connect(api, changes);
    cleanUp.push(
      () => api.close(),
      () => database.close(),
    );
    return { database, calls: () => calls };
  }

  const refused = (code: string, message = ''): Fault => ({
    kind: 'error',
    status: 400,
    code,
    message,
  });
  const resuming = refused('DatabaseResumingException', 'is resuming after being auto-paused');

  /** Time passes only by sleeping. */
  function fastClock(): Clock & { readonly slept: readonly number[] } {
    let now = 0;
    const slept: number[] = [];
    return {
      slept,
      now: () => epochMs(now),
      sleep: async (duration) => {
        slept.push(duration);
        now += duration;
      },
      random: () => 0.5,
    };
  }

  it('waits for a cluster that resumes', async () => {
    // GIVEN
    const clock = fastClock();
    const { database } = await open('ExecuteStatement', [resuming, resuming], { clock });
    // THEN
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(clock.slept).toEqual([2000, 2000]);
  });

  it('gives up on a cluster that does not resume within a minute', async () => {
    const clock = fastClock();
    const { database, calls } = await open('ExecuteStatement', Array(99).fill(resuming), { clock });
    await expect(database.query('select 1')).rejects.toMatchObject({ kind: 'unreachable' });
    expect(calls()).toBe(31);
  });

  it('backs off when it is throttled, because nothing ran', async () => {
    const clock = fastClock();
    const throttle: Fault = { kind: 'throttle' };
    const { database } = await open('BeginTransaction', [throttle, throttle, throttle], { clock });
    expect(await database.transaction(async () => 'committed')).toBe('committed');
    expect(clock.slept).toEqual([150, 300, 600]);
  });

  it.each([
    ['an internal error', { kind: 'error5xx' }],
    ['a lost answer', { kind: 'drop-after' }],
    ['a connection that breaks before the call', { kind: 'drop-before' }],
    ['an unavailable writer', { ...refused('DatabaseUnavailableException'), status: 504 }],
  ] as const)('never repeats a statement after %s', async (_what, fault) => {
    // GIVEN
    const { database, calls } = await open('ExecuteStatement', [fault]);
    // WHEN
    const statement = database.execute('create table once (n int)');
    // THEN
    await expect(statement).rejects.toMatchObject({ kind: 'outcome-unknown' });
    expect(calls()).toBe(1);
  });

  it('says outcome-unknown when the answer to COMMIT is lost, though it was committed', async () => {
    // GIVEN
    const { database } = await open('CommitTransaction', [{ kind: 'drop-after' }]);
    await database.execute('create table kept (n int)');
    // WHEN
    const work = database.transaction((tx) => tx.execute('insert into kept values (1)'));
    // THEN
    await expect(work).rejects.toMatchObject({ kind: 'outcome-unknown' });
    expect(await database.query('select n from kept')).toEqual([{ n: 1 }]);
  });

  it('says outcome-unknown when the transaction has expired', async () => {
    const api = await startDataApi({ limits: { transactionIdleMs: 30 } });
    const database = connect(api);
    cleanUp.push(
      () => api.close(),
      () => database.close(),
    );
    const work = database.transaction(async (tx) => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      return tx.query('select 1');
    });
    await expect(work).rejects.toMatchObject({ kind: 'outcome-unknown' });
  });

  it('says outcome-unknown when a statement hits the time limit', async () => {
    const api = await startDataApi({ limits: { statementMs: 50 } });
    const database = connect(api);
    cleanUp.push(
      () => api.close(),
      () => database.close(),
    );
    await expect(database.query('select pg_sleep(2)')).rejects.toMatchObject({
      kind: 'outcome-unknown',
    });
  });

  it('fails with DataApiDisabled and how to turn it on', async () => {
    const { database } = await open('none', [], { clusterArn: `${resourceArn}-other` });
    await expect(database.query('select 1')).rejects.toMatchObject({
      code: 'DataApiDisabled',
      fix: expect.stringContaining('enable-http-endpoint'),
    });
  });

  it('says denied when the secret is not the right one', async () => {
    const { database } = await open('none', [], { secretArn: `${secretArn}-other` });
    await expect(database.query('select 1')).rejects.toMatchObject({ kind: 'denied' });
  });

  it('says unreachable when nobody listens', async () => {
    const database = dataApiDatabase({
      client: dataApiClient({
        endpoint: 'http://127.0.0.1:1',
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      }),
      clock: systemClock,
      clusterArn: resourceArn,
      secretArn,
      database: 'app',
    });
    await expect(database.query('select 1')).rejects.toMatchObject({ kind: 'unreachable' });
    await database.close();
  });
});
