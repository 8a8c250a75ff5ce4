import type { Problem } from '../migration/problem.ts';
import { type LintPart, NOTHING_LINTED } from './lint-report.ts';

/** A migration that cannot be read at all. */
export function lintProblems(problems: readonly Problem[]): LintPart {
  return {
    ...NOTHING_LINTED,
    findings: problems.map(({ location, rule, message, expected, fix, frame = '' }) => ({
      ...location,
      rule,
      severity: 'error',
      message,
      why: expected === undefined ? undefined : `expected: ${expected}`,
      blocks: 'nothing',
      saferRewrite: fix === undefined ? undefined : { kind: 'steps', steps: [fix] },
      link: undefined,
      frame,
    })),
  };
}
