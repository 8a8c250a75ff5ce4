import { applyAllowances } from '../hazards/apply-allowances.ts';
import { findHazards } from '../hazards/find-hazards.ts';
import { findHazardsInScript } from '../hazards/find-hazards-in-script.ts';
import { type NotNullProof, proofsAfter } from '../hazards/not-null-proofs.ts';
import type { Examined } from '../hazards/rule.ts';
import type { AllowedHazard } from '../migration/migration.ts';
import type { Plan, PlannedFinding } from './plan.ts';

/** A statement of a migration with the hazards that its author accepts. */
export interface ExaminedStep extends Examined {
  readonly allowed: readonly AllowedHazard[];
}

/**
 * What each statement endangers, by itself and together with the others; each runs in a transaction
 * of its own.
 * @returns one list for each statement, in their order
 */
export function planFindings(
  examined: readonly ExaminedStep[],
): readonly (readonly PlannedFinding[])[] {
  const steps = withProofs(examined);
  const found = [
    ...steps.flatMap((step, statementIndex) =>
      findHazards(step).map((finding) => ({ ...finding, statementIndex })),
    ),
    ...findHazardsInScript(steps, { transactions: 'step' }),
  ];
  const allowances = steps.flatMap(({ allowed }, statementIndex) =>
    allowed.map((each) => ({ ...each, statementIndex, offset: 0 })),
  );
  const { findings, suppressed } = applyAllowances(found, allowances, steps);
  const planned = [
    ...findings.map((finding) => ({ ...finding, acceptedBecause: undefined })),
    ...suppressed.map(({ reason, ...finding }) => ({ ...finding, acceptedBecause: reason })),
  ];
  return steps.map((_, index) =>
    planned.flatMap(({ statementIndex, ...finding }) =>
      statementIndex === index ? [finding] : [],
    ),
  );
}

/** Tells each statement which columns the ones before it proved to be not NULL. */
function withProofs(steps: readonly ExaminedStep[]): readonly ExaminedStep[] {
  let proofs: readonly NotNullProof[] = [];
  return steps.map((step) => {
    const known = { ...step, proofs };
    proofs = proofsAfter(proofs, step.statement);
    return known;
  });
}

/** Why a plan must not run as it is: findings of severity error that nobody accepted. */
export function hazardsAgainst(plan: Plan): string | undefined {
  const against = plan.steps.flatMap((step) =>
    step.kind === 'statement'
      ? step.findings
          .filter(({ severity, acceptedBecause }) => severity === 'error' && !acceptedBecause)
          .map(({ rule, message }) => `step ${step.stepId}: ${rule}: ${message}`)
      : [],
  );
  if (against.length === 0) return undefined;
  const how = 'change it, or accept it in the file: -- lockkeeper:allow <rule>: <reason>';
  return `${against.join('; ')}; ${how}`;
}
