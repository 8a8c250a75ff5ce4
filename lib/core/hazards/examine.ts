import type { ClassifyContext } from '../sql/catalog.ts';
import { classify } from '../sql/classify.ts';
import { afterStatement } from '../sql/earlier.ts';
import type { Statement } from '../sql/split.ts';
import { type NotNullProof, proofsAfter } from './not-null-proofs.ts';
import type { Examined, HazardPhase } from './rule.ts';
import type { TargetActivity } from './table-size.ts';

export interface Placed {
  readonly statement: Pick<Statement, 'node' | 'text'>;
  readonly phase: HazardPhase;
}

/**
 * Classifies the statements of a script or of a whole migration in order, each in the context that
 * those before it leave. What expand creates is in use once expand is over: the new application is
 * deployed then.
 *
 * @param target as it is before the first statement
 */
export function examine<Given extends Placed>(
  given: readonly Given[],
  target: ClassifyContext,
  activity?: TargetActivity,
): readonly (Examined & Given)[] {
  let context = target;
  let proofs: readonly NotNullProof[] = [];
  let before: HazardPhase | undefined;
  return given.map((each) => {
    if (before === 'expand' && each.phase !== 'expand')
      context = { ...context, earlier: target.earlier };
    before = each.phase;
    const classification = classify(each.statement, context);
    const examined = {
      ...each,
      classification,
      target: context,
      proofs,
      ...(activity === undefined ? {} : { activity }),
    };
    if (each.phase === 'expand' || each.phase === 'plain') {
      context = afterStatement(context, each.statement, classification);
    }
    proofs = proofsAfter(proofs, each.statement);
    return examined;
  });
}
