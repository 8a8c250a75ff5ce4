import { SCRIPT_RULES } from './all-rules.ts';
import { assess } from './assess.ts';
import type { PlacedFinding } from './finding.ts';
import type { Examined } from './rule.ts';
import { type TransactionMode, transactionsOf } from './transactions.ts';

export interface ScriptOptions {
  readonly transactions: TransactionMode;
}

/**
 * What statements endanger together: the order, the transactions, what is missing. What each
 * endangers by itself is left to findHazards.
 *
 * @param statements of a file or a migration, in order, each with the context that those before it left
 */
export function findHazardsInScript(
  statements: readonly Examined[],
  { transactions: mode }: ScriptOptions,
): readonly PlacedFinding[] {
  const script = { statements, mode, transactions: transactionsOf(statements, mode) };
  return SCRIPT_RULES.flatMap((rule) =>
    rule.findInScript(script).flatMap((match) => {
      const examined = statements[match.at];
      return examined === undefined
        ? []
        : assess(rule, match, examined).map((found) => ({ ...found, statementIndex: match.at }));
    }),
  );
}
