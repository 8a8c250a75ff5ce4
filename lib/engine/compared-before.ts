import type { GateComparison } from '../core/gates/gate.ts';
import { epochMs } from '../core/ids.ts';
import type { BackfillStep, Plan } from '../core/plan/plan.ts';
import type { EngineContext } from './context.ts';

/** What is known when the gate opens: the passes with which its backfills ended. */
export async function comparedBefore({
  control,
  executionId,
}: EngineContext): Promise<GateComparison | undefined> {
  const hashed = await control.getPlan(executionId);
  const steps = hashed === undefined ? [] : comparedSteps(hashed.plan);
  if (steps.length === 0) return undefined;
  const trail = await control.listAudit(executionId);
  const passes = steps.map(({ stepId }) =>
    trail.findLast(({ kind, facts }) => kind === 'ParityProved' && facts?.['step'] === stepId),
  );
  if (passes.includes(undefined)) return undefined;
  // What was proved first is the oldest part of what is known.
  const at = epochMs(Math.min(...passes.map((pass) => pass?.at ?? 0)));
  const rows = passes.reduce((sum, pass) => sum + Number(pass?.facts?.['rows'] ?? 0), 0);
  return { at, found: { kind: 'equal', rows }, lastEqualAt: at };
}

/** The backfills whose old and new structure are compared. */
export function comparedSteps({ steps }: Plan): readonly BackfillStep[] {
  return steps.flatMap((step) => (step.kind === 'backfill' && step.parity ? [step] : []));
}
