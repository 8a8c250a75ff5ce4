import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { LockkeeperError } from '../core/errors.ts';
import type { OutcomeKind } from '../core/workflow/outcome.ts';
import type { Exit, Exits } from '../core/workflow/states.ts';
import { OUTCOME_PATH } from './handler-task.ts';

/** The first state of each exit, and where every stage stops at another version. */
export type ExitStates = Readonly<Partial<Record<Exit | 'incompatible', sfn.IChainable>>>;

export interface OutcomeChoiceProps {
  readonly stateName: string;
  readonly exits: Exits;
  readonly exitStates: ExitStates;
  /** Where `continue` goes. */
  readonly again: sfn.IChainable;
  /** Where `wait` goes. */
  readonly wait: sfn.IChainable;
}

/**
 * Routes on a handler's outcome. Every outcome has its rule; what is no outcome at all (a handler
 * of another version) takes the way of a crash. `done` is the one way on and is left to the chain.
 */
export class OutcomeChoice extends sfn.Choice implements sfn.INextable {
  constructor(scope: Construct, id: string, props: OutcomeChoiceProps) {
    super(scope, id, { stateName: props.stateName });
    const { exits, exitStates } = props;
    this.when(outcomeIs('continue'), props.again);
    this.when(outcomeIs('wait'), props.wait);
    for (const outcome of ['rejected', 'failed', 'aborted'] as const) {
      this.when(outcomeIs(outcome), exitState(exitStates, exits[outcome]));
    }
    if (exitStates.incompatible !== undefined) {
      this.when(outcomeIs('incompatible'), exitStates.incompatible);
    }
    this.otherwise(exitState(exitStates, exits.crashed));
  }

  /** Says where `done` goes. */
  next(next: sfn.IChainable): sfn.Chain {
    this.when(outcomeIs('done'), next);
    return sfn.Chain.sequence(this, next);
  }
}

/**
 * The first state of `exit`.
 *
 * @throws LockkeeperError Internal when the stage has an exit that its workflow does not lead to
 */
export function exitState(states: ExitStates, exit: Exit): sfn.IChainable {
  const state = states[exit];
  if (state === undefined) throw new LockkeeperError('Internal', `no state for exit '${exit}'`);
  return state;
}

function outcomeIs(outcome: OutcomeKind): sfn.Condition {
  return sfn.Condition.stringEquals(`${OUTCOME_PATH}.outcome`, outcome);
}
