import { type ClassifyContext, NOTHING_EARLIER } from '../../../lib/core/sql/catalog.ts';
import type { Classification } from '../../../lib/core/sql/classification.ts';
import { classify } from '../../../lib/core/sql/classify.ts';
import { afterStatement } from '../../../lib/core/sql/earlier.ts';
import type { SqlParser } from '../../../lib/core/sql/parser.ts';
import { type Statement, split } from '../../../lib/core/sql/split.ts';

/** The statements of a text. @throws TypeError for a syntax error, which is the test's mistake */
export function statementsOf(parser: SqlParser, sql: string): readonly Statement[] {
  const outcome = split(parser, sql);
  if (outcome.kind === 'syntax-error') throw new TypeError(`${outcome.message} in ${sql}`);
  return outcome.statements;
}

/** The only statement of a text. */
export function statementOf(parser: SqlParser, sql: string): Statement {
  const [statement, another] = statementsOf(parser, sql);
  if (statement === undefined || another !== undefined) throw new TypeError(`not one: ${sql}`);
  return statement;
}

/** Nothing known of the target; each test states what it needs. */
export function contextOf(
  parser: SqlParser,
  known: Partial<ClassifyContext> = {},
): ClassifyContext {
  return {
    parser,
    serverVersion: 18,
    timeZoneUtc: undefined,
    catalog: undefined,
    earlier: NOTHING_EARLIER,
    ...known,
  };
}

/** The classification of each statement, each in the context that the ones before it leave. */
export function classifyAll(context: ClassifyContext, sql: string): readonly Classification[] {
  let current = context;
  return statementsOf(context.parser, sql).map((statement) => {
    const classification = classify(statement, current);
    current = afterStatement(current, statement, classification);
    return classification;
  });
}
