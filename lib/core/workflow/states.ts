import type { StopName } from '../gates/gate.ts';
import type { GateName } from '../migration/migration.ts';
import type { FailureName } from './failures.ts';
import type { HandlerName } from './handlers.ts';
import type { FinishTaskInput, RestoreStep, SnapshotMoment } from './payload.ts';

/**
 * The workflow as data: which states there are, what people read as their names, and in which
 * order they follow each other. The constructs draw the state machine from it and everything that
 * shows an execution (status, console, history) speaks with the same names.
 */

/** Where a stage goes when it cannot go on; each is a stage or an ending of its own. */
export type Exit = 'roll-back' | 'reject' | 'fix-forward' | 'give-up';

/** Which exit each bad outcome takes. `crashed`: an exception, or an outcome nobody knows. */
export interface Exits {
  readonly rejected: Exit;
  readonly failed: Exit;
  readonly aborted: Exit;
  readonly crashed: Exit;
}

/** Calls one handler until it is done. */
export interface WorkStage {
  readonly kind: 'work';
  readonly handler: HandlerName;
  /** The Task that works. */
  readonly state: string;
  /** The Choice that reads its outcome. */
  readonly question: string;
  /** The Wait before the Task is called again. */
  readonly wait: string;
  /** Present on the two snapshots, which share a handler. */
  readonly moment?: SnapshotMoment;
  /** Present on the stages of a restore, which share their handlers. */
  readonly step?: RestoreStep;
  readonly exits: Exits;
}

/** Stops until the durable record of a gate says how to go on. */
export interface GateStage<Name extends StopName = GateName> {
  readonly kind: 'gate';
  readonly gate: Name;
  readonly handler: HandlerName;
  /** The Task that opens the gate, or reads its record again. */
  readonly state: string;
  /** The Choice that reads the outcome. */
  readonly question: string;
  /** The Task that waits to be woken. */
  readonly await: string;
  /** The Wait before the record is read again when the waiting itself went wrong. */
  readonly wait: string;
  readonly exits: Exits;
}

export type Stage = WorkStage | GateStage;

/**
 * Rolling back what was never applied does nothing, so it is the right exit whenever we cannot be
 * sure that nothing was changed.
 */
const ROLL_BACK: Exits = {
  rejected: 'roll-back',
  failed: 'roll-back',
  aborted: 'roll-back',
  crashed: 'roll-back',
};

/** Keeps the task token of every gate that waits. */
export const GATE_HANDLER = 'open-gate' satisfies HandlerName;

/** The stages by name. Their state names are shown to people and stored in histories. */
export const STAGES = {
  prepare: {
    kind: 'work',
    handler: 'prepare',
    state: 'Prepare',
    question: 'Is it prepared?',
    wait: 'Wait to prepare',
    // Only `rejected` promises that nothing was changed. A resumed execution comes through here
    // with steps already applied, so every other bad end rolls back.
    exits: { ...ROLL_BACK, rejected: 'reject' },
  },
  review: gate('review', 'Open review gate', 'May it start?', 'Await review'),
  snapshot: {
    kind: 'work',
    handler: 'snapshot',
    state: 'Snapshot',
    question: 'Is the snapshot available?',
    wait: 'Wait for snapshot',
    moment: 'before-expand',
    exits: ROLL_BACK,
  },
  expand: {
    kind: 'work',
    handler: 'expand',
    state: 'Expand',
    question: 'Is it expanded?',
    wait: 'Wait to expand',
    exits: ROLL_BACK,
  },
  deploy: gate('deploy', 'Open deploy gate', 'Is it deployed?', 'Await deploy'),
  backfill: {
    kind: 'work',
    handler: 'backfill',
    state: 'Backfill',
    question: 'Is the backfill complete?',
    wait: 'Wait to backfill',
    exits: ROLL_BACK,
  },
  validate: {
    kind: 'work',
    handler: 'validate',
    state: 'Validate',
    question: 'Is it valid?',
    wait: 'Wait to validate',
    exits: ROLL_BACK,
  },
  'contract-gate': gate(
    'contract',
    'Open contract gate',
    'May it contract?',
    'Await contract approval',
  ),
  'snapshot-before-contract': {
    kind: 'work',
    handler: 'snapshot',
    state: 'Snapshot before contract',
    question: 'Is the snapshot before contract available?',
    wait: 'Wait for snapshot before contract',
    moment: 'before-contract',
    exits: ROLL_BACK,
  },
  contract: {
    kind: 'work',
    handler: 'contract',
    state: 'Contract',
    question: 'Is it contracted?',
    wait: 'Wait to contract',
    exits: ROLL_BACK,
  },
  soak: gate('soak', 'Open soak gate', 'Has it soaked?', 'Await soak'),
  finalize: {
    kind: 'work',
    handler: 'finalize',
    state: 'Finalize',
    question: 'Is it final?',
    wait: 'Wait to finalize',
    // The handler answers `aborted` only while nothing was dropped yet; after any other bad end
    // the undo of what was dropped does not exist any more.
    exits: {
      rejected: 'fix-forward',
      failed: 'fix-forward',
      aborted: 'roll-back',
      crashed: 'fix-forward',
    },
  },
  rollback: {
    kind: 'work',
    handler: 'rollback',
    state: 'Roll back',
    question: 'Is it rolled back?',
    wait: 'Wait to roll back',
    exits: { rejected: 'give-up', failed: 'give-up', aborted: 'give-up', crashed: 'give-up' },
  },
} as const satisfies Record<string, Stage>;

export type StageName = keyof typeof STAGES;

/** The way forward. `rollback` is not on it: it is an exit. */
export const FORWARD_ORDER = [
  'prepare',
  'review',
  'snapshot',
  'expand',
  'deploy',
  'backfill',
  'validate',
  'contract-gate',
  'snapshot-before-contract',
  'contract',
  'soak',
  'finalize',
] as const satisfies readonly StageName[];

/** How an execution ends: the Task that records it, then where the state machine stops. */
export interface Ending {
  readonly record: string;
  readonly result: FinishTaskInput['result'];
  /** Name of the last state. */
  readonly stop: string;
  /** Error of the Fail state; undefined: it is a Succeed state. */
  readonly failure: FailureName | undefined;
}

export const ENDINGS = {
  succeeded: {
    record: 'Record success',
    result: 'succeeded',
    stop: 'Succeeded',
    failure: undefined,
  },
  rejected: {
    record: 'Record rejection',
    result: 'rejected',
    stop: 'Migration rejected',
    failure: 'MigrationRejected',
  },
  'rolled-back': {
    record: 'Record rollback',
    result: 'rolled-back',
    stop: 'Migration rolled back',
    failure: 'MigrationRolledBack',
  },
  'rollback-failed': {
    record: 'Record rollback failure',
    result: 'rollback-failed',
    stop: 'Rollback failed',
    failure: 'RollbackFailed',
  },
  'forward-fix-required': {
    record: 'Record forward fix',
    result: 'forward-fix-required',
    stop: 'Forward fix required',
    failure: 'ForwardFixRequired',
  },
} as const satisfies Partial<Record<FinishTaskInput['result'], Ending>>;

/**
 * Where a run stops that was written by a version which its state machine or a handler does not
 * know. Nothing is recorded but the reason: not even the direction of the execution is decided.
 */
export const UNKNOWN_VERSION = {
  stop: 'Made by another version',
  failure: 'UnknownVersion',
} as const satisfies { readonly stop: string; readonly failure: FailureName };

/** The first state: rollback-only executions go straight back. */
export const CHOOSE_MODE = 'Choose mode';

/** Runs that were started with the event of an interrupted run find out whose input that was. */
export const READ_INTERRUPTED_RUN = 'Read interrupted run';
export const ROLL_BACK_INTERRUPTED_RUN = 'Roll back interrupted run';

function gate(name: GateName, state: string, question: string, awaiting: string): GateStage {
  return {
    kind: 'gate',
    gate: name,
    handler: GATE_HANDLER,
    state,
    question,
    await: awaiting,
    wait: `Look again at ${name} gate`,
    exits: ROLL_BACK,
  };
}
