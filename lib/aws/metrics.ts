import {
  BACKFILL_METRICS,
  METRIC_DIMENSION_SETS,
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

export interface MetricOptions {
  /** `<cluster identifier>/<database>`. */
  readonly target: string;
  /** Receives one line for each report, without its end. */
  readonly write: (line: string) => void;
}

/** Counts each event under its kind, then passes it on. */
export function countedEvents(events: EventSink, options: MetricOptions): EventSink {
  return {
    async emit(event) {
      const { at, executionId, migrationId, kind } = event;
      options.write(
        metricLine({ [kind]: 1 }, { at, target: options.target, executionId, migrationId }),
      );
      await events.emit(event);
    },
  };
}

/** Reports how fast each backfill goes and whether it is held, once a minute and at each change. */
export function measuredProgress(
  control: ControlStore,
  clock: Pick<Clock, 'now'>,
  options: MetricOptions,
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
        const about = { at: now, target: options.target, executionId, stepId: step.stepId };
        options.write(metricLine(figuresOf(step), about));
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

/** CloudWatch embedded metric format, version of 2019: a log line that becomes metrics. */
function metricLine(figures: Figures, { at, target, ...properties }: MetricSubject): string {
  return JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: METRIC_DIMENSION_SETS,
          Metrics: Object.keys(figures).map((Name) => ({
            Name,
            Unit: Name === BACKFILL_METRICS.rate ? 'Count/Second' : 'Count',
          })),
        },
      ],
    },
    Service: METRIC_SERVICE,
    Target: target,
    ...properties,
    ...figures,
  });
}
