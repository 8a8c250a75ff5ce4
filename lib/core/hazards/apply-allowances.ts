import { RULES_BY_ID } from './all-rules.ts';
import { ALLOWANCE_RULES } from './allowance-rules.ts';
import type { Allowance } from './allowances.ts';
import { assess } from './assess.ts';
import type { PlacedFinding } from './finding.ts';
import type { Examined, RuleFacts } from './rule.ts';

/** A finding that its author accepted, kept for the audit. */
export interface SuppressedFinding extends PlacedFinding {
  readonly reason: string;
}

export interface Judged {
  /** What nobody accepted, and what is wrong with the allowances themselves. */
  readonly findings: readonly PlacedFinding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/** Takes out what is allowed with a reason. An allowance holds for one rule and one statement. */
export function applyAllowances(
  findings: readonly PlacedFinding[],
  allowances: readonly Allowance[],
  statements: readonly Examined[],
): Judged {
  const reasonFor = (finding: PlacedFinding) =>
    allowances.find((each) => isValid(each) && covers(each, finding))?.reason;
  const wrong = allowances.flatMap((each) => {
    const rule = faultOf(each, findings);
    if (rule === undefined) return [];
    const at = each.statementIndex ?? statements.length - 1;
    const examined = statements[at];
    const message = each.rule === '' ? 'no rule is named' : `the comment allows ${each.rule}`;
    return examined === undefined
      ? []
      : assess(rule, { message }, examined).map((found) => ({ ...found, statementIndex: at }));
  });
  const worthSaying = findings.filter(({ negligible }) => negligible !== true);
  return {
    findings: [...worthSaying.filter((each) => reasonFor(each) === undefined), ...wrong],
    suppressed: worthSaying.flatMap((each) => {
      const reason = reasonFor(each);
      return reason === undefined ? [] : [{ ...each, reason }];
    }),
  };
}

function isValid({ rule, reason }: Allowance): boolean {
  return reason !== '' && RULES_BY_ID.has(rule);
}

function covers(allowance: Allowance, finding: PlacedFinding): boolean {
  return allowance.rule === finding.rule && allowance.statementIndex === finding.statementIndex;
}

function faultOf(allowance: Allowance, findings: readonly PlacedFinding[]): RuleFacts | undefined {
  if (!RULES_BY_ID.has(allowance.rule)) return ALLOWANCE_RULES.unknownRule;
  if (allowance.reason === '') return ALLOWANCE_RULES.withoutReason;
  if (allowance.statementIndex === undefined) return ALLOWANCE_RULES.misplaced;
  const used = findings.some((finding) => covers(allowance, finding));
  return used ? undefined : ALLOWANCE_RULES.unused;
}
