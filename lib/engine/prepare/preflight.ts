import type { Plan } from '../../core/plan/plan.ts';
import { type Condition, judgeServer, judgeTable } from '../../core/preflight/condition.ts';
import { type DataQuestion, dataQuestions } from '../../core/preflight/data-questions.ts';
import type { CatalogView } from '../../core/sql/catalog.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import type { Database } from '../../ports/database.ts';
import { readServerCondition } from '../../postgres/preflight/server-condition.ts';
import { readTableConditions } from '../../postgres/preflight/table-condition.ts';
import { runCheck } from '../steps/run-check.ts';

/** What the target is like, as far as the plan will meet it. Reads only. */
export async function preflight(
  database: Database,
  plan: Plan,
  known: { readonly parser: SqlParser; readonly catalog: CatalogView | undefined },
): Promise<readonly Condition[]> {
  const server = judgeServer(await readServerCondition(database));
  const tables = await readTableConditions(database, tablesOf(plan));
  const questions =
    known.catalog === undefined ? [] : dataQuestions(plan, known.parser, known.catalog);
  const answers: Condition[] = [];
  for (const question of questions) answers.push(...(await ask(database, question)));
  return [...server, ...tables.flatMap(judgeTable), ...answers];
}

/** The first reason not to begin. */
export function whyNotBegun(conditions: readonly Condition[]): string | undefined {
  const against = conditions.find(({ severity }) => severity === 'refuse');
  return against && `${against.message}; ${against.fix}`;
}

function tablesOf(plan: Plan): readonly string[] {
  const names = plan.steps.flatMap((step) => {
    if (step.kind === 'statement') return step.action.locks.map(({ relation }) => relation);
    return step.kind === 'backfill' ? [`"${step.table.schema}"."${step.table.name}"`] : [];
  });
  return [...new Set(names)];
}

/**
 * A warning, not a refusal: the rows may be put right before the step comes, days later, and the
 * step itself fails without harm when they are not.
 */
async function ask(database: Database, question: DataQuestion): Promise<readonly Condition[]> {
  const { kind, stepId, message, query } = question;
  const outcome = await runCheck(database, { query, expect: { kind: 'no-rows' } });
  switch (outcome.kind) {
    case 'held':
      return [];
    case 'not-held':
      return [
        {
          kind,
          severity: 'warn',
          message: `step ${stepId} would fail: ${message}`,
          fix: `put them right before it comes; they are found by: ${query}`,
        },
      ];
    case 'unanswered':
      return [
        {
          kind: 'unanswered',
          severity: 'warn',
          message: `whether step ${stepId} would fail was not found out: ${outcome.reason}`,
          fix: `ask the database yourself: ${query}`,
        },
      ];
  }
}
