import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  BACKFILL_METRICS,
  isCounted,
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  type MetricName,
} from '../core/executions/metrics.ts';
import type { EpochMs, ExecutionId } from '../core/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlStore, StepProgress } from '../ports/control-store.ts';
import type { EventSink } from '../ports/event-sink.ts';

/** A backfill writes its progress each second; one figure a minute is what CloudWatch keeps. */
const REPORT_EVERY_MS = 60_000;

/**
 * Counts each event of the trail under its kind, and passes every one on.
 * @param target `<cluster identifier>/<database>`
 */
export function countedEvents(events: EventSink, target: string): EventSink {
  return {
    async emit(event) {
      const { at, executionId, migrationId, kind } = event;
      if (isCounted(kind)) report({ [kind]: 1 }, { at, target, executionId, migrationId });
      await events.emit(event);
    },
  };
}

/**
 * Reports how fast each backfill goes and whether it is held, once a minute and at each change.
 * @param target `<cluster identifier>/<database>`
 */
export function measuredProgress(
  control: ControlStore,
  clock: Pick<Clock, 'now'>,
  target: string,
): ControlStore {
  const reported = new Map<string, { readonly at: EpochMs; readonly state: string }>();
  const isDue = (key: string, { state }: StepProgress, now: EpochMs): boolean => {
    const last = reported.get(key);
    return last === undefined || last.state !== state || now - last.at >= REPORT_EVERY_MS;
  };
  return {
    ...control,
    async putProgress(executionId, progress) {
      const now = clock.now();
      for (const step of progress) {
        const key = `${executionId}/${step.stepId}`;
        if (step.kind !== 'backfill' || !isDue(key, step, now)) continue;
        reported.set(key, { at: now, state: step.state });
        report(figuresOf(step), { at: now, target, executionId, stepId: step.stepId });
      }
      await control.putProgress(executionId, progress);
    },
  };
}

function figuresOf({ state, rowsPerSecond }: StepProgress): Figures {
  return {
    [BACKFILL_METRICS.held]: state === 'held' ? 1 : 0,
    ...(state === 'running' &&
      rowsPerSecond !== undefined && { [BACKFILL_METRICS.rate]: rowsPerSecond }),
  };
}

type Figures = Readonly<Partial<Record<MetricName, number>>>;

/** Searchable beside the figures, and no dimensions: each value of one would cost a metric. */
interface MetricSubject {
  readonly at: EpochMs;
  readonly target: string;
  readonly executionId: ExecutionId;
  readonly migrationId?: string;
  readonly stepId?: string;
}

/**
 * A log line in CloudWatch's embedded metric format, which becomes metrics. The dimension `service` is
 * Powertools' own.
 */
function report(figures: Figures, { at, target, ...properties }: MetricSubject): void {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: METRIC_SERVICE });
  metrics.setTimestamp(at);
  metrics.addDimensions({}); // everything of the product
  metrics.addDimensions({ Target: target });
  for (const [name, value] of Object.entries(properties)) metrics.addMetadata(name, value);
  for (const [name, value] of Object.entries(figures)) {
    const unit = name === BACKFILL_METRICS.rate ? MetricUnit.CountPerSecond : MetricUnit.Count;
    metrics.addMetric(name, unit, value);
  }
  metrics.publishStoredMetrics();
}
