import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { StopName } from '../core/gates/gate.ts';
import type { GateStage } from '../core/workflow/states.ts';
import { ERROR_PATH, HandlerTask, OUTCOME_PATH, taskInput } from './handler-task.ts';
import { type ExitStates, exitState, OutcomeChoice } from './outcome-choice.ts';
import { GATE_MOVED_ON, RETRY_LAMBDA_SERVICE } from './retry-policies.ts';

/**
 * How long before the record is read again when nobody can wake us. A minute, so that a gate whose
 * waiting is broken (the key that protects the token is denied, say) still opens soon after its
 * decision. Such a round costs 16 events at most, so it can go on for 25,000 / 16 min = 26 hours.
 */
const LOOK_AGAIN = Duration.minutes(1);

export interface GateFragmentProps {
  readonly stage: GateStage<StopName>;
  readonly handler: IFunction;
  readonly exits: ExitStates;
}

/**
 * Stops at a gate until its durable record says how to go on:
 *
 *     Open -> Choice -- done -------------------> (next stage)
 *      ^         |----- continue -> Open
 *      |         |----- wait -----> Await -- woken, decided, or time is up -> Open
 *      |         |                  '------- could not wait -> Wait -> Open
 *      |         '----- anything else, or the Catch of Open -> an exit
 *
 * Being woken decides nothing: whatever ends the waiting leads back to Open, which reads the
 * record. So a forged, repeated or lost wake-up cannot pass a gate. `open-gate` never asks to wait
 * longer than 3,600 s, so a lost one heals within the hour.
 *
 * A round of Open (5 events), Choice (2) and Await (5) is 12 events an hour: a gate that is open
 * for the 30 days of a long soak costs 30 x 24 x 12 = 8,640 of the 25,000 events.
 */
export class GateFragment extends sfn.StateMachineFragment {
  readonly startState: sfn.State;
  readonly endStates: sfn.INextable[];

  constructor(scope: Construct, id: string, props: GateFragmentProps) {
    super(scope, id);
    const { stage, handler, exits } = props;
    const fields = { gate: stage.gate };
    const open = new HandlerTask(this, 'Open', { stateName: stage.state, handler, fields });
    const lookAgain = new sfn.Wait(this, 'Wait', {
      stateName: stage.wait,
      time: sfn.WaitTime.duration(LOOK_AGAIN),
    });
    const awaiting = new LambdaInvoke(this, 'Await', {
      stateName: stage.await,
      lambdaFunction: handler,
      integrationPattern: sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      payload: sfn.TaskInput.fromObject({
        ...taskInput(fields),
        taskToken: sfn.JsonPath.taskToken,
      }),
      taskTimeout: sfn.Timeout.at(`${OUTCOME_PATH}.seconds`),
      resultPath: sfn.JsonPath.DISCARD, // nothing that a wake-up carries is ever read
      retryOnServiceExceptions: false,
    });
    const choice = new OutcomeChoice(this, 'Choice', {
      stateName: stage.question,
      exits: stage.exits,
      exitStates: exits,
      again: open,
      wait: awaiting,
    });
    open.next(choice);
    open.addCatch(exitState(exits, stage.exits.crashed), { resultPath: ERROR_PATH });
    lookAgain.next(open);
    awaiting.next(open);
    awaiting.addRetry(RETRY_LAMBDA_SERVICE); // each attempt has its own token; the newest is kept
    awaiting.addCatch(open, {
      errors: [sfn.Errors.TIMEOUT, GATE_MOVED_ON],
      resultPath: ERROR_PATH,
    });
    awaiting.addCatch(lookAgain, { resultPath: ERROR_PATH });
    this.startState = open;
    this.endStates = [choice];
  }
}
