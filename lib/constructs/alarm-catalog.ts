import type { TrailKind } from '../core/executions/event.ts';

/** Alarms on something that handlers count: one of it is reason enough. */
export interface EventAlarm {
  /** Its entry in `docs/runbook.md`: the heading is the title. */
  readonly title: string;
  readonly event: TrailKind;
  /** One sentence. */
  readonly meaning: string;
}

/** Each of these asks for a person. */
export const EVENT_ALARMS = {
  RolledBack: {
    title: 'Migration rolled back',
    event: 'ExecutionRolledBack',
    meaning: 'a migration did not go through, and every applied step was undone',
  },
  RollbackFailed: {
    title: 'Rollback failed',
    event: 'RollbackFailed',
    meaning: 'a step could not be undone; the schema is between two versions',
  },
  ForwardFixRequired: {
    title: 'Forward fix required',
    event: 'ForwardFixRequired',
    meaning: 'the final phase failed after something was dropped',
  },
  GateOverdue: {
    title: 'Gate overdue',
    event: 'GateExpired',
    meaning: "a gate's time is over and nobody decided",
  },
} as const satisfies Record<string, EventAlarm>;

/** The other alarms, by their titles. */
export const OTHER_ALARM_TITLES = {
  throttled: 'Backfill throttled',
  undeliveredRuns: 'Interrupted runs undelivered',
  undeliveredSignals: 'Signals undelivered',
  ruleFailing: 'Interrupted-run rule failing',
  executionsFailed: 'Executions failing',
  restoreFailed: 'Restore failing',
  sweepFailing: 'Sweep failing',
  undeliveredSweeps: 'Sweeps undelivered',
} as const;

/** Every alarm there is; `docs/runbook.md` has an entry for each. */
export const ALARM_TITLES: readonly string[] = [
  ...Object.values(EVENT_ALARMS).map(({ title }) => title),
  ...Object.values(OTHER_ALARM_TITLES),
];

/** How GitHub and most Markdown viewers make an anchor of a heading. */
export function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
