import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { TrailKind } from '../core/executions/event.ts';
import {
  BACKFILL_METRICS,
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  type MetricName,
} from '../core/executions/metrics.ts';

/** Backfills report about once a minute, so five of its figures make a point. */
const PERIOD = Duration.minutes(5);

/** What the handlers of one target tell CloudWatch. */
export class MigrationMetrics {
  readonly #target: string;

  /** @param target `<cluster identifier>/<database>`, as the handlers name it */
  constructor(target: string) {
    this.#target = target;
  }

  /** How often it happened. */
  count(event: TrailKind): IMetric {
    return this.#metric(event, Stats.SUM);
  }

  /** Rows passed by, a second. */
  backfillRate(): IMetric {
    return this.#metric(BACKFILL_METRICS.rate, Stats.AVERAGE);
  }

  /** 1 where a backfill was held all the time, else 0. */
  backfillHeld(): IMetric {
    return this.#metric(BACKFILL_METRICS.held, Stats.MINIMUM);
  }

  #metric(metricName: MetricName, statistic: string): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { service: METRIC_SERVICE, Target: this.#target },
      statistic,
      period: PERIOD,
    });
  }
}

/** Invocations of a rule's targets that EventBridge gave up on. */
export function failedInvocations(rule: IRule): IMetric {
  return new Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: Stats.SUM,
    period: PERIOD,
  });
}
