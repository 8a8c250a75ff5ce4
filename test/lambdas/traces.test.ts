import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallTrace } from '../../lambdas/shared/call-trace.ts';
import type { ExecutionId, MigrationId } from '../../lib/core/ids.ts';

const ROW = 'ada@example.com';
const EXECUTION = '0001_a-aaaaaa' as ExecutionId;

describe('what X-Ray is told of a call', () => {
  const before = { ...process.env };
  let daemon: Socket;
  let received: string[] = [];
  let trace: CallTrace;

  beforeAll(async () => {
    daemon = createSocket('udp4');
    daemon.on('message', (message) => received.push(message.toString('utf8')));
    daemon.bind(0, '127.0.0.1');
    await once(daemon, 'listening');
    // What Lambda sets in a function that is traced.
    Object.assign(process.env, {
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_LAMBDA_FUNCTION_NAME: 'backfill',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
      _X_AMZN_TRACE_ID:
        'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1',
    });
    const { callTrace } = await import('../../lambdas/shared/call-trace.ts');
    trace = callTrace('backfill');
  });
  afterAll(() => {
    process.env = before;
    daemon.close();
  });
  beforeEach(() => {
    received = [];
  });

  async function segment(): Promise<string> {
    for (let look = 0; look < 100 && received.length === 0; look += 1) await sleep(20);
    return received.join('\n');
  }

  it('is which execution it worked on, and how long', async () => {
    const answer = await trace.around(async () => {
      trace.about({ executionId: EXECUTION, migrationId: '0001_a' as MigrationId });
      return 42;
    });

    expect(answer).toBe(42);
    const told = JSON.parse((await segment()).split('\n').at(-1) ?? '');
    expect(told).toMatchObject({
      name: '## backfill',
      annotations: { executionId: EXECUTION, migrationId: '0001_a', Service: 'lockkeeper' },
      start_time: expect.any(Number),
      end_time: expect.any(Number),
    });
  });

  it('is that it failed, and not with which words', async () => {
    const call = trace.around(async () => {
      throw new TypeError(`invalid input syntax: "${ROW}"`);
    });

    await expect(call).rejects.toThrow(ROW);
    const told = await segment();
    expect(JSON.parse(told.split('\n').at(-1) ?? '')).toMatchObject({ fault: true });
    expect(told).not.toContain(ROW);
  });
});
