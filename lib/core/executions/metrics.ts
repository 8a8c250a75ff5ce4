import { type EventKind, TRAIL_KINDS, type TrailKind } from './event.ts';

/**
 * What the handlers tell CloudWatch, and what alarms and dashboards ask it. Each event of the audit trail
 * is counted under its own kind; a backfill is measured instead, about once a minute.
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
export type MetricName = TrailKind | BackfillMetric;

export const METRIC_NAMES: readonly MetricName[] = [
  ...TRAIL_KINDS,
  ...Object.values(BACKFILL_METRICS),
];

/** Whether an event is counted. How often a backfill was held says less than for how long. */
export function isCounted(kind: EventKind): kind is TrailKind {
  return TRAIL_KINDS.some((counted) => counted === kind);
}
