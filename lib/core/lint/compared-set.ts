import type { DeclaredBackfill, Migration } from '../migration/migration.ts';
import { parityOf, takesAway } from '../plan/parity-of.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import { split } from '../sql/split.ts';
import type { LintFinding } from './lint-report.ts';

/**
 * What `set` gives is compared before contract, which the author learns days later when the new
 * application writes something else meanwhile. Said where nothing in the migration keeps old and new
 * in step and nobody said what to compare. An application that writes both is right as it is, so
 * this explains and does not warn.
 */
export function comparedSets(
  migration: Migration,
  target: ClassifyContext,
): readonly LintFinding[] {
  if (!takesAway(migration) || migration.operations.length > 0) return [];
  if (mayKeepInStep(migration, target)) return [];
  return migration.backfill.flatMap((backfill) => {
    const compared =
      backfill.parity === undefined ? parityOf(backfill, true, target)?.pairs : undefined;
    if (compared === undefined) return [];
    return [findingOf(backfill, compared.map(({ name }) => name).join(', '))];
  });
}

/** A trigger does, and a DO block or what cannot be read may make one. */
function mayKeepInStep({ expand, validate }: Migration, { parser }: ClassifyContext): boolean {
  return [...expand, ...validate].some((step) => {
    if (step.kind !== 'statement') return false;
    const parts = split(parser, step.sql);
    if (parts.kind !== 'statements') return true;
    return parts.statements.some(({ node }) =>
      ['CreateTrigStmt', 'DoStmt', 'CallStmt', 'RuleStmt'].some((kind) => kind in node),
    );
  });
}

function findingOf({ location, stepId }: DeclaredBackfill, columns: string): LintFinding {
  const { file, line, column } = location;
  return {
    file,
    line,
    column,
    rule: 'set-is-compared',
    severity: 'info',
    message: `before contract, ${columns} must have what set of ${stepId} gives in every row, and no trigger of this migration keeps it so`,
    why: 'where the new application writes the new column and not the old one, they differ, and contract is taken back',
    blocks: 'nothing',
    saferRewrite: {
      kind: 'steps',
      steps: [
        'let both versions write both, or a trigger in expand',
        'or say what may differ: parity: {where: <rows to which it applies>} or parity: {skip: <why>}',
        'parity: {on_mismatch: stop} says that it is meant as it is',
      ],
    },
    link: 'docs/formats.md#parity',
    frame: '',
  };
}
