import type { Decision } from '../../lib/core/gates/parse-command.ts';
import type { EpochMs } from '../../lib/core/ids.ts';
import type { GateCommand } from '../../lib/engine/decide-gate.ts';

/** What the engine is asked to do, from what somebody said and when it arrived. */
export function commandOf(message: Decision, by: string, at: EpochMs): GateCommand {
  switch (message.kind) {
    case 'approve':
      return {
        kind: 'approve',
        gate: message.gate,
        by,
        at,
        reason: message.reason,
        planHash: message.planHash,
      };
    case 'reject':
      return {
        kind: 'reject',
        gate: message.gate,
        by,
        at,
        reason: message.reason,
        planHash: undefined,
      };
    case 'signal': {
      const { signalId, name, version } = message;
      return { kind: 'signal', signal: { signalId, name, version, by, at } };
    }
    case 'abort':
    case 'pause':
    case 'unpause':
    case 'accept-quarantine':
      return { kind: message.kind, by, reason: message.reason };
    case 'tune':
      return { kind: 'tune', tuning: message.tuning, by, reason: message.reason };
  }
}
