import type { StopName } from '../core/gates/gate.ts';
import { type Outcome, proceed } from '../core/workflow/outcome.ts';
import { compareAtGate } from './compare-at-gate.ts';
import type { TargetContext } from './context.ts';
import { openGate } from './open-gate.ts';

/**
 * Opens a gate, or looks again at one that is open, as `openGate` does. While the gate of contract
 * waits, each look that is due compares old and new, so that whoever approves knows. What goes wrong
 * with that is written down and never moves the gate.
 */
export async function lookAtGate(context: TargetContext, name: StopName): Promise<Outcome> {
  const before = await openGate(context, name);
  if (before.kind !== 'wait' || name !== 'contract') return before;
  const look = await compareAtGate(context);
  if (look === 'not-due') return before;
  // Comparing may take minutes: somebody may have decided meanwhile, or the gate's time may have come.
  const after = await openGate(context, name);
  return after.kind === 'wait' && look === 'unfinished' ? proceed : after;
}
