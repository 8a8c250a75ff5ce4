import type { ClassifyContext } from '../sql/catalog.ts';
import type { SqlSyntaxError } from '../sql/parser.ts';
import { type Statement, split } from '../sql/split.ts';
import { allowancesIn } from './allowances.ts';
import { applyAllowances, type Judged } from './apply-allowances.ts';
import { examine } from './examine.ts';
import { findHazards } from './find-hazards.ts';
import { findHazardsInScript } from './find-hazards-in-script.ts';
import type { Examined, HazardPhase } from './rule.ts';
import type { TargetActivity } from './table-size.ts';
import type { TransactionMode } from './transactions.ts';

export interface ReviewOptions {
  readonly phase: HazardPhase;
  readonly transactions: TransactionMode;
  /** What is known of the target before the first statement. */
  readonly target: ClassifyContext;
  /** @default nothing is known */
  readonly activity?: TargetActivity | undefined;
}

export interface ReviewedSql extends Judged {
  readonly kind: 'reviewed';
  /** `statementIndex` of a finding points here. */
  readonly statements: readonly (Examined & { readonly statement: Statement })[];
}

/** Reads a text of SQL as a whole: each statement, all of them together, and what is allowed. */
export function reviewSql(text: string, options: ReviewOptions): ReviewedSql | SqlSyntaxError {
  const { phase, activity } = options;
  const outcome = split(options.target.parser, text);
  if (outcome.kind === 'syntax-error') return outcome;
  const statements = examine(
    outcome.statements.map((statement) => ({ statement, phase })),
    options.target,
    activity,
  );
  const findings = [
    ...statements.flatMap((each, statementIndex) =>
      findHazards(each).map((found) => ({ ...found, statementIndex })),
    ),
    ...findHazardsInScript(statements, options),
  ].toSorted((a, b) => a.statementIndex - b.statementIndex);
  const allowances = allowancesIn(options.target.parser, text, outcome.statements);
  return { kind: 'reviewed', statements, ...applyAllowances(findings, allowances, statements) };
}
