import type { Signal } from '../core/gates/gate.ts';

/** The services that a gate waits for and that have not signalled a deployment. */
export function missingSignals(
  wanted: readonly string[],
  arrived: readonly Signal[],
): readonly string[] {
  return wanted.filter((name) => !arrived.some((signal) => signal.name === name));
}
