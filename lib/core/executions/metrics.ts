import { EVENT_KINDS, type EventKind } from './event.ts';

/**
 * What the handlers tell CloudWatch, and what alarms and dashboards ask it. Each event is counted
 * under its own kind; a backfill reports its figures about once a minute.
 */
export const METRIC_NAMESPACE = 'Lockkeeper';

/**
 * Dimension `service` of everything of the product; beside it, `Target` says which target
 * (`<cluster identifier>/<database>`).
 */
export const METRIC_SERVICE = 'lockkeeper';

export const BACKFILL_METRICS = {
  /** Rows passed by, a second. */
  rate: 'BackfillRowsPerSecond',
  /** 1 while the throttle holds batches back, else 0. */
  held: 'BackfillHeld',
} as const;

export type BackfillMetric = (typeof BACKFILL_METRICS)[keyof typeof BACKFILL_METRICS];
export type MetricName = EventKind | BackfillMetric;

export const METRIC_NAMES: readonly MetricName[] = [
  ...EVENT_KINDS,
  ...Object.values(BACKFILL_METRICS),
];
