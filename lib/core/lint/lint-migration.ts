import { examine } from '../hazards/examine.ts';
import type { DeclaredStatement, Migration } from '../migration/migration.ts';
import type { Phase } from '../plan/plan.ts';
import { planFindings } from '../plan/plan-findings.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import { split } from '../sql/split.ts';
import { comparedSets } from './compared-set.ts';
import type { LintPart } from './lint-report.ts';
import { placeFinding } from './place-finding.ts';
import { withoutSchema } from './without-schema.ts';

/** Reads a migration of ours, each statement in its phase. */
export function lintMigration(migration: Migration, target: ClassifyContext): LintPart {
  const { readable, part } = withoutSchema(migration, target);
  const judged = lintStatements(readable, target);
  const compared = comparedSets(migration, target);
  return { ...judged, findings: [...part.findings, ...compared, ...judged.findings] };
}

function lintStatements(migration: Migration, target: ClassifyContext): LintPart {
  const steps = examine(
    statementsOf(migration).flatMap(({ declared, phase }) => {
      const parts = split(target.parser, declared.sql);
      // A migration that was parsed has one statement a step.
      const [statement] = parts.kind === 'statements' ? parts.statements : [];
      const { allowed = [] } = declared;
      return statement === undefined ? [] : [{ statement, phase, declared, allowed }];
    }),
    target,
  );
  const judged = planFindings(steps).flatMap((findings, index) => {
    const { declared } = steps[index] ?? {};
    if (declared === undefined) return [];
    return findings.map((finding) => ({
      placed: placeFinding(finding, declared.location, declared.sql),
      reason: finding.acceptedBecause,
    }));
  });
  return {
    findings: judged.flatMap(({ placed, reason }) => (reason === undefined ? [placed] : [])),
    suppressed: judged.flatMap(({ placed, reason }) =>
      reason === undefined ? [] : [{ ...placed, reason }],
    ),
    statements: steps.length,
    understood: steps.filter(({ classification }) => classification.understood).length,
  };
}

/** The statements of a migration with their phases, in the order in which they run. */
export function statementsOf(
  migration: Migration,
): readonly { readonly phase: Phase; readonly declared: DeclaredStatement }[] {
  const inPhase = (phase: Phase, entries: Migration['validate']) =>
    entries.flatMap((declared) =>
      declared.kind === 'statement'
        ? [{ phase, declared: declared satisfies DeclaredStatement }]
        : [],
    );
  return [
    ...inPhase('expand', migration.expand),
    ...inPhase('migrate', migration.validate),
    ...inPhase('contract', migration.contract),
    ...inPhase('finalize', migration.finalize),
  ];
}
