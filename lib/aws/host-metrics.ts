import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { LockkeeperError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostFigures, HostMetrics } from '../ports/host-metrics.ts';
import { serviceError } from './service-error.ts';

const MINUTE_MS = 60_000;
/** Credits are reported every five minutes, and any figure may be two or three minutes late. */
const LOOK_BACK_MS = 15 * MINUTE_MS;
/** CPU has a figure a minute; an older one says nothing about now. */
const CPU_GOOD_MS = 5 * MINUTE_MS;

const METRICS = {
  cpu: 'CPUUtilization',
  credits: 'CPUCreditBalance',
  acu: 'ACUUtilization',
  local: 'FreeLocalStorage',
} as const;
type MetricId = keyof typeof METRICS;

/**
 * `HostMetrics` on CloudWatch: the last figures of whichever instance writes, so that a failover needs
 * no other name. One call asks for four metrics; at one a minute that is $0.06 a day ($0.01 for
 * 1,000 metrics).
 */
export function cloudWatchHostMetrics(options: {
  readonly client: CloudWatchClient;
  readonly clock: Pick<Clock, 'now'>;
  readonly clusterIdentifier: string;
}): HostMetrics {
  const { client, clock, clusterIdentifier } = options;
  const newest = async (now: number): Promise<Newest> => {
    try {
      const { MetricDataResults = [] } = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(now - LOOK_BACK_MS),
          EndTime: new Date(now),
          ScanBy: 'TimestampDescending',
          MetricDataQueries: queries(clusterIdentifier),
        }),
      );
      return new Map(
        MetricDataResults.flatMap(({ Id, Timestamps = [], Values = [] }) => {
          const [at, value] = [Timestamps[0], Values[0]];
          return at === undefined || value === undefined
            ? []
            : [[Id, { at: at.getTime(), value }] as const];
        }),
      );
    } catch (error) {
      throw serviceError('CloudWatch', `read the metrics of ${clusterIdentifier}`, error);
    }
  };
  return {
    async read(): Promise<HostFigures> {
      const now = clock.now();
      const found = await newest(now);
      const cpu = found.get('cpu');
      if (cpu === undefined || now - cpu.at > CPU_GOOD_MS) {
        throw new LockkeeperError(
          'TargetUnreachable',
          `CloudWatch has no ${METRICS.cpu} of the writer of ${clusterIdentifier} in the last ${CPU_GOOD_MS / MINUTE_MS} minutes`,
          { fix: 'check that the cluster has a writer, or turn hostMetrics off' },
        );
      }
      return {
        cpuPercent: cpu.value,
        cpuCredits: found.get('credits')?.value,
        acuPercent: found.get('acu')?.value,
        freeLocalBytes: found.get('local')?.value,
      };
    },
  };
}

type Newest = ReadonlyMap<string | undefined, { readonly at: number; readonly value: number }>;

function queries(clusterIdentifier: string): MetricDataQuery[] {
  return (Object.keys(METRICS) as MetricId[]).map((id) => ({
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/RDS',
        MetricName: METRICS[id],
        Dimensions: [
          { Name: 'DBClusterIdentifier', Value: clusterIdentifier },
          { Name: 'Role', Value: 'WRITER' },
        ],
      },
      Period: MINUTE_MS / 1_000,
      Stat: 'Average',
    },
  }));
}
