import { z } from 'zod';
import type { DeclaredGate } from '../migration.ts';
import { OldApplicationFormat } from './old-application-format.ts';
import { count, duration, listOf, part, text, word } from './vocabulary.ts';

const guarded = {
  old_application: OldApplicationFormat.optional().describe(
    'Whose sessions must be gone before the work behind the gate begins. @default nobody',
  ),
};

const timing = {
  ...guarded,
  timeout: duration().prefault('7d').describe('How long the gate waits. @default 7d'),
  on_timeout: word(['hold', 'rollback'])
    .default('hold')
    .describe('What happens then: stay where we are, or go back. @default hold'),
};

const SignalGate = part('a gate of kind signal', {
  kind: z.literal('signal'),
  signals: listOf(
    'a list with the names of the services to wait for',
    text('the name of a service'),
    1,
  )
    .default(['app'])
    .describe('Services that must have signalled a deployment. @default [app]'),
  ...timing,
});

const ApprovalGate = part('a gate of kind approval', {
  kind: z.literal('approval'),
  approvals: count('a whole number from 1 to 10', 1, 10)
    .default(1)
    .describe('How many different people must approve. @default 1'),
  ...timing,
});

const TimerGate = part('a gate of kind timer', {
  kind: z.literal('timer'),
  duration: duration().describe('How long the gate stays closed.'),
  ...guarded,
});

const GATE_EXPECTED = 'none, or a mapping with kind: signal, approval or timer';

/** One gate: `none`, or a mapping with its kind. */
export const GateFormat = z
  .union(
    [
      z.literal('none'),
      z.discriminatedUnion('kind', [SignalGate, ApprovalGate, TimerGate], { error: GATE_EXPECTED }),
    ],
    { error: GATE_EXPECTED },
  )
  .transform((gate): DeclaredGate => {
    if (gate === 'none') return { kind: 'none' };
    const { old_application: oldApplication } = gate;
    const guard = oldApplication === undefined ? {} : { oldApplication };
    if (gate.kind === 'timer') return { kind: 'timer', durationMs: gate.duration, ...guard };
    const { timeout: timeoutMs, on_timeout: onTimeout } = gate;
    return gate.kind === 'signal'
      ? { kind: 'signal', signals: [...new Set(gate.signals)], timeoutMs, onTimeout, ...guard }
      : { kind: 'approval', approvals: gate.approvals, timeoutMs, onTimeout, ...guard };
  })
  .meta({ id: 'gate', description: 'A named stop: it opens by a signal, by approval or by time.' });

/** The four gates, each optional. */
export const GatesFormat = part(
  'a mapping from gates (review, deploy, contract, soak) to what opens them',
  {
    review: GateFormat.optional().describe('Before anything is changed. @default none'),
    deploy: GateFormat.optional().describe(
      'After expand: until the application that knows both versions is deployed. @default {kind: signal, signals: [app], timeout: 7d, on_timeout: hold}',
    ),
    contract: GateFormat.optional().describe(
      'Before the old structure is cut off. @default {kind: approval, approvals: 1, timeout: 7d, on_timeout: hold}; none when contract and finalize are empty',
    ),
    soak: GateFormat.optional().describe(
      'Between contract and finalize. @default {kind: timer, duration: 1h}; none when contract and finalize are empty',
    ),
  },
).meta({ id: 'gates', description: 'The stops of the migration.' });

export type GatesDeclaration = z.output<typeof GatesFormat>;
