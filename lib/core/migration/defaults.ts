import { durationMs } from '../ids.ts';
import type { GatesDeclaration } from './format/gates-format.ts';
import type { SnapshotsDeclaration } from './format/snapshots-format.ts';
import type { DeclaredGate, DeclaredGates, DeclaredSnapshots } from './migration.ts';

const HOUR_MS = 60 * 60 * 1000;
/** A week: a deployment or an approval may wait for people who are away for a few days. */
const GATE_TIMEOUT = durationMs(7 * 24 * HOUR_MS);

const NO_GATE: DeclaredGate = { kind: 'none' };
const DEPLOY_GATE: DeclaredGate = {
  kind: 'signal',
  signals: ['app'],
  timeoutMs: GATE_TIMEOUT,
  onTimeout: 'hold',
};
const CONTRACT_GATE: DeclaredGate = {
  kind: 'approval',
  approvals: 1,
  timeoutMs: GATE_TIMEOUT,
  onTimeout: 'hold',
};
const SOAK_GATE: DeclaredGate = { kind: 'timer', durationMs: durationMs(HOUR_MS) };

/** @param removes whether the migration has steps in contract or finalize */
export function gatesWithDefaults(declared: GatesDeclaration, removes: boolean): DeclaredGates {
  return {
    review: declared.review ?? NO_GATE,
    deploy: declared.deploy ?? DEPLOY_GATE,
    contract: declared.contract ?? (removes ? CONTRACT_GATE : NO_GATE),
    soak: declared.soak ?? (removes ? SOAK_GATE : NO_GATE),
  };
}

/** @param removes whether the migration has steps in contract or finalize */
export function snapshotsWithDefaults(
  declared: SnapshotsDeclaration,
  removes: boolean,
): DeclaredSnapshots {
  // Without a contract there is no moment before it.
  const word = typeof declared === 'string' ? declared : undefined;
  const each = typeof declared === 'string' ? {} : declared;
  return {
    beforeExpand: each.before_expand ?? word ?? 'required',
    beforeContract: each.before_contract ?? (removes ? (word ?? 'required') : 'none'),
  };
}
