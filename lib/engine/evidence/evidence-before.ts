import { GATE_NAMES, type GateName } from '../../core/migration/migration.ts';
import type { OldApplication } from '../../core/migration/old-application.ts';
import type { BackfillStep, CheckStep, Plan } from '../../core/plan/plan.ts';
import { WORK_PHASES, type WorkPhase, workPhaseOf } from '../work-phase.ts';

/** What was true when its gate opened and has to be true still. */
export interface Evidence {
  /** The gates behind which the phase begins. */
  readonly gates: readonly GateName[];
  readonly oldApplications: readonly OldApplication[];
  readonly checks: readonly CheckStep[];
  /** Whether rows that were set aside must have been settled: what is left behind is lost later. */
  readonly settled: boolean;
  /** Backfills whose old and new structure must be equal. */
  readonly backfills: readonly BackfillStep[];
  /** Whether a gate was open since they were compared, so that they are compared once more. */
  readonly waited: boolean;
}

const PHASE_BEHIND: Readonly<Record<GateName, WorkPhase>> = {
  review: 'expand',
  deploy: 'backfill',
  contract: 'contract',
  soak: 'finalize',
};

/**
 * What to look at again before a phase begins. A phase without steps begins nothing: what guards it
 * guards the next one that has some.
 */
export function evidenceBefore({ gates, steps }: Plan, phase: WorkPhase): Evidence {
  const before = WORK_PHASES.slice(0, WORK_PHASES.indexOf(phase));
  const withSteps = new Set<string>(steps.map(workPhaseOf));
  const previous = before.findLastIndex((one) => withSteps.has(one));
  const begun = new Set(WORK_PHASES.slice(previous + 1, WORK_PHASES.indexOf(phase) + 1));
  const passed = GATE_NAMES.filter(
    (name) => begun.has(PHASE_BEHIND[name]) && gates[name].kind !== 'none',
  );
  return {
    gates: passed,
    oldApplications: passed.flatMap((name) => {
      const gate = gates[name];
      return 'oldApplication' in gate && gate.oldApplication !== undefined
        ? [gate.oldApplication]
        : [];
    }),
    // After contract the questions may name what is hidden then.
    checks: passed.includes('contract')
      ? steps.flatMap((step) => (step.kind === 'check' && step.phase === 'migrate' ? [step] : []))
      : [],
    settled: begun.has('contract'),
    // After contract the old structure has other names.
    backfills: begun.has('contract')
      ? steps.flatMap((step) => (step.kind === 'backfill' && step.parity ? [step] : []))
      : [],
    waited: passed.includes('contract'),
  };
}
