import type { Plan } from '../../core/plan/plan.ts';
import { namedObjects } from '../../core/sql/named-objects.ts';
import { loadParser, type SqlParser } from '../../core/sql/parser.ts';
import { DatabaseError, isPassing } from '../../ports/database.ts';
import { readCatalogView } from '../../postgres/catalog-view.ts';
import { journal, type TargetContext } from '../context.ts';
import { preflight, whyNotBegun } from '../prepare/preflight.ts';
import { WORK_PHASES, type WorkPhase, workPhaseOf } from '../work-phase.ts';

/**
 * What `prepare` looked at, once more for the steps that are left: a gate may have been open for days.
 * What is new is written into the audit trail.
 * @returns why a step that is left would fail for certain, or why nobody can tell
 */
export async function lookAgain(
  context: TargetContext,
  plan: Plan,
  phase: WorkPhase,
): Promise<string | undefined> {
  const { control, database, host, executionId } = context;
  const left = stepsLeft(plan, phase);
  const parser = await loadParser();
  try {
    const catalog = await readCatalogView(database, namedObjects(nodesOf(left, parser)));
    const { conditions } = await preflight(database, left, { parser, catalog, host });
    const against = whyNotBegun(conditions);
    if (against !== undefined) return against;
    if (conditions.length === 0) return undefined;
    const said = new Set((await control.listAudit(executionId)).map(({ reason }) => reason));
    for (const { kind, message, fix } of conditions) {
      if (said.has(message)) continue;
      const facts = { condition: kind, fix, phase };
      await journal(context, 'TargetWarned', { reason: message, facts });
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof DatabaseError) || isPassing(error)) throw error;
    return `what the target is like now could not be asked: ${error.message}`;
  }
}

function stepsLeft(plan: Plan, phase: WorkPhase): Plan {
  const order: readonly string[] = WORK_PHASES;
  const from = order.indexOf(phase);
  return { ...plan, steps: plan.steps.filter((step) => order.indexOf(workPhaseOf(step)) >= from) };
}

function nodesOf({ steps }: Plan, parser: SqlParser) {
  return steps.flatMap((step) => {
    if (step.kind !== 'statement') return [];
    return [step.action.sql, ...(step.action.together ?? [])].flatMap((sql) => {
      const parsed = parser.parse(sql);
      return parsed.kind === 'parsed' ? parsed.statements.map(({ node }) => node) : [];
    });
  });
}
