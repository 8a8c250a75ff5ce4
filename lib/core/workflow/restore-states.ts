import { type StopName, TAKEOVER_GATE } from '../gates/gate.ts';
import type { FailureName } from './failures.ts';
import type { RestoreStep } from './payload.ts';
import { type Ending, type Exits, GATE_HANDLER, type GateStage, type WorkStage } from './states.ts';

/**
 * The state machine `Restore` as data, in the same words as the one of migrations. Every stage is
 * probe, act, verify: a run that was cut off is started again from the first stage and passes
 * through what is done.
 */

/** Before the takeover nothing of the original was touched, so a person's no ends it as refused. */
const BEFORE: Exits = {
  rejected: 'reject',
  failed: 'give-up',
  aborted: 'reject',
  crashed: 'give-up',
};

/** From here on a stop leaves something half way, which only going on puts right. */
const WITHIN: Exits = {
  rejected: 'give-up',
  failed: 'give-up',
  aborted: 'give-up',
  crashed: 'give-up',
};

export const RESTORE_STAGES = {
  source: work('restore-cluster', 'source', 'Find what to restore', 'Is it there?', BEFORE),
  cluster: work('restore-cluster', 'cluster', 'Restore cluster', 'Is the cluster there?', BEFORE),
  instance: work(
    'restore-cluster',
    'instance',
    'Create instance',
    'Is the instance there?',
    BEFORE,
  ),
  'data-api': work(
    'restore-cluster',
    'data-api',
    'Turn on Data API',
    'Is the Data API on?',
    BEFORE,
  ),
  verify: work(
    'restore-verify',
    'verify',
    'Verify restored cluster',
    'Is it what was saved?',
    BEFORE,
  ),
  gate: {
    kind: 'gate',
    gate: TAKEOVER_GATE,
    handler: GATE_HANDLER,
    state: 'Open takeover gate',
    question: 'May it take over?',
    await: 'Await takeover approval',
    wait: 'Look again at takeover gate',
    exits: BEFORE,
  },
  hold: work('restore-verify', 'hold', 'Hold target', 'Is the target ours?', BEFORE),
  protect: work(
    'restore-takeover',
    'protect',
    'Protect both clusters',
    'Are both protected?',
    WITHIN,
  ),
  'move-away': work(
    'restore-takeover',
    'move-away',
    'Rename old cluster',
    'Is the old cluster renamed?',
    WITHIN,
  ),
  'move-in': work(
    'restore-takeover',
    'move-in',
    'Rename restored cluster',
    'Has it the name?',
    WITHIN,
  ),
  toggle: work(
    'restore-takeover',
    'toggle',
    'Turn Data API off and on',
    'Does the Data API answer?',
    WITHIN,
  ),
  'verify-again': work(
    'restore-verify',
    'verify-again',
    'Verify under the old name',
    'Is it right under the old name?',
    WITHIN,
  ),
  reconcile: work(
    'restore-verify',
    'reconcile',
    'Reconcile records',
    'Do the records agree?',
    WITHIN,
  ),
} as const satisfies Record<string, WorkStage | GateStage<StopName>>;

export type RestoreStageName = keyof typeof RESTORE_STAGES;

/** From the first to the last; those of a takeover do nothing when none is wanted. */
export const RESTORE_ORDER = Object.keys(RESTORE_STAGES) as readonly RestoreStageName[];

export const RESTORE_ENDINGS = {
  restored: {
    record: 'Record restore',
    result: 'restored',
    stop: 'Restored',
    failure: undefined,
  },
  'restore-rejected': {
    record: 'Record refusal',
    result: 'restore-rejected',
    stop: 'Takeover refused',
    failure: 'RestoreRejected',
  },
  'restore-failed': {
    record: 'Record restore failure',
    result: 'restore-failed',
    stop: 'Restore failed',
    failure: 'RestoreFailed',
  },
} as const satisfies Record<string, Ending & { readonly failure: FailureName | undefined }>;

function work(
  handler: 'restore-cluster' | 'restore-verify' | 'restore-takeover',
  step: RestoreStep,
  state: string,
  question: string,
  exits: Exits,
) {
  const wait = `Wait: ${state.toLowerCase()}`;
  return { kind: 'work', handler, step, state, question, wait, exits } as const;
}
