import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cloudWatchHostMetrics } from '../../lib/aws/host-metrics.ts';
import { transport } from '../../lib/aws/transport.ts';
import { epochMs } from '../../lib/core/ids.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const MINUTES = 60_000;

/** The newest figures come first, as they are asked for. */
interface Series {
  readonly Id: string;
  readonly Timestamps: readonly number[];
  readonly Values: readonly number[];
}

const series = (Id: string, ...figures: readonly (readonly [number, number])[]): Series => ({
  Id,
  Timestamps: figures.map(([minutesAgo]) => (NOON - minutesAgo * MINUTES) / 1_000),
  Values: figures.map(([, value]) => value),
});

describe('the metrics of the writer in CloudWatch', () => {
  let cloudWatch: Server;
  let client: CloudWatchClient;
  let asked: { readonly target: unknown; readonly body: Record<string, unknown> }[];
  let answer: { readonly status: number; readonly body: unknown };

  beforeEach(async () => {
    asked = [];
    cloudWatch = createServer(async (request, response) => {
      const body = JSON.parse(await text(request));
      asked.push({ target: request.headers['x-amz-target'], body });
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer.body));
    }).listen(0, '127.0.0.1');
    await once(cloudWatch, 'listening');
    client = new CloudWatchClient({
      endpoint: `http://127.0.0.1:${(cloudWatch.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: transport(500),
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    client.destroy();
    cloudWatch.closeAllConnections();
    cloudWatch.close();
    await once(cloudWatch, 'close');
  });

  const read = (...MetricDataResults: readonly Series[]) => {
    answer = { status: 200, body: { MetricDataResults } };
    return metrics().read();
  };
  const metrics = () =>
    cloudWatchHostMetrics({
      client,
      clock: { now: () => epochMs(NOON) },
      clusterIdentifier: 'orders',
    });

  it('are the newest ones of whichever instance writes', async () => {
    // WHEN
    const figures = await read(
      series('cpu', [1, 71.5], [2, 20]),
      series('credits', [6, 144]),
      series('acu', [1, 50], [2, 40]),
      series('local', [1, 30e9]),
    );

    // THEN
    expect(figures).toEqual({
      cpuPercent: 71.5,
      cpuCredits: 144,
      acuPercent: 50,
      freeLocalBytes: 30e9,
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.target).toMatch(/\.GetMetricData$/);
    expect(asked[0]?.body).toMatchObject({
      ScanBy: 'TimestampDescending',
      StartTime: (NOON - 15 * MINUTES) / 1_000,
      EndTime: NOON / 1_000,
    });
    const stats = asked[0]?.body['MetricDataQueries'] as readonly { readonly MetricStat: object }[];
    expect(stats.map(({ MetricStat }) => MetricStat)).toEqual(
      ['CPUUtilization', 'CPUCreditBalance', 'ACUUtilization', 'FreeLocalStorage'].map(
        (MetricName) => ({
          Metric: {
            Namespace: 'AWS/RDS',
            MetricName,
            Dimensions: [
              { Name: 'DBClusterIdentifier', Value: 'orders' },
              { Name: 'Role', Value: 'WRITER' },
            ],
          },
          Period: 60,
          Stat: 'Average',
        }),
      ),
    );
  });

  it('have no credits and no capacity where the class has neither', async () => {
    const figures = await read(series('cpu', [1, 8]), series('credits'), series('acu'));
    expect(figures).toEqual({ cpuPercent: 8 });
  });

  it.each([
    ['missing', series('cpu')],
    ['six minutes old', series('cpu', [6, 8])],
  ])('cannot be read when the figure of the CPU is %s', async (_how, cpu) => {
    await expect(read(cpu)).rejects.toMatchObject({
      code: 'TargetUnreachable',
      message: 'CloudWatch has no CPUUtilization of the writer of orders in the last 5 minutes',
    });
  });

  it('cannot be read without the permission', async () => {
    const __type = 'com.amazonaws.cloudwatch#AccessDeniedException';
    answer = { status: 400, body: { __type, message: 'not authorized' } };
    await expect(metrics().read()).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('cannot be read when nobody answers', async () => {
    cloudWatch.removeAllListeners('request');
    await expect(metrics().read()).rejects.toMatchObject({ code: 'TargetUnreachable' });
  });
});
