import { STATEMENT_RULES } from './all-rules.ts';
import { assess } from './assess.ts';
import type { Finding } from './finding.ts';
import type { Examined } from './rule.ts';

/** Everything that one statement endangers by itself, in the order of the rules. */
export function findHazards(examined: Examined): readonly Finding[] {
  return STATEMENT_RULES.flatMap((rule) =>
    rule.find(examined).flatMap((match) => assess(rule, match, examined)),
  );
}
