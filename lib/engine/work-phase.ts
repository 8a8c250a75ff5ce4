import type { WindowedPhase } from '../core/migration/migration.ts';
import type { Step } from '../core/plan/plan.ts';

/** The states of the workflow that run steps. Phase `migrate` is two of them: backfill, validate. */
export type WorkPhase = WindowedPhase;

/** In the order in which they run. */
export const WORK_PHASES = [
  'expand',
  'backfill',
  'validate',
  'contract',
  'finalize',
] as const satisfies readonly WorkPhase[];

export function workPhaseOf(step: Step): WorkPhase | 'assertion' {
  if (step.phase !== 'migrate') return step.phase;
  return step.kind === 'backfill' ? 'backfill' : 'validate';
}
