import { assertNever, type EpochMs } from '../ids.ts';
import type { Decision, Gate, Signal } from './gate.ts';

/**
 * Where a gate stands, from its record and the signals that have arrived. The record decides and
 * never the message that woke us: a wake-up may be lost, repeated, or come from somebody else.
 */
export type GateState =
  | { readonly kind: 'decided'; readonly decision: Decision }
  | { readonly kind: 'waiting'; readonly until: EpochMs; readonly missing: string };

/**
 * @param signals every signal kept for the execution, also those that came before the gate opened
 */
export function evaluateGate(gate: Gate, signals: readonly Signal[], now: EpochMs): GateState {
  if (gate.decision !== undefined) return { kind: 'decided', decision: gate.decision };
  const { declared } = gate;
  switch (declared.kind) {
    case 'timer':
      return now >= gate.expiresAt
        ? { kind: 'decided', decision: { kind: 'approved', at: now, by: 'the timer' } }
        : { kind: 'waiting', until: gate.expiresAt, missing: 'the time to pass' };
    case 'signal': {
      const missing = declared.signals.filter(
        (name) => !signals.some((signal) => signal.name === name),
      );
      if (missing.length === 0) {
        const by = [...new Set(signals.map((signal) => signal.by))].join(', ');
        return { kind: 'decided', decision: { kind: 'approved', at: now, by } };
      }
      return unlessExpired(gate, now, `a deployment signal of ${missing.join(', ')}`);
    }
    case 'approval': {
      const lacking = declared.approvals - gate.approvals.length;
      if (lacking <= 0) {
        const by = gate.approvals.map((approval) => approval.by).join(', ');
        return { kind: 'decided', decision: { kind: 'approved', at: now, by } };
      }
      return unlessExpired(gate, now, lacking === 1 ? 'an approval' : `${lacking} approvals`);
    }
    default:
      return assertNever(declared);
  }
}

/**
 * With `hold`, an expired gate goes on waiting (it is reported as overdue, and nothing is undone
 * because nobody came); with `rollback`, silence is a no.
 */
function unlessExpired(gate: Gate, now: EpochMs, missing: string): GateState {
  const rollsBack = 'onTimeout' in gate.declared && gate.declared.onTimeout === 'rollback';
  if (now >= gate.expiresAt && rollsBack) {
    return { kind: 'decided', decision: { kind: 'expired', at: now } };
  }
  return { kind: 'waiting', until: gate.expiresAt, missing };
}
