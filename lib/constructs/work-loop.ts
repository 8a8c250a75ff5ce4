import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { WorkStage } from '../core/workflow/states.ts';
import { ERROR_PATH, HandlerTask, OUTCOME_PATH } from './handler-task.ts';
import { type ExitStates, exitState, OutcomeChoice } from './outcome-choice.ts';

export interface WorkLoopProps {
  readonly stage: WorkStage;
  readonly handler: IFunction;
  readonly exits: ExitStates;
}

/**
 * Calls a handler until it is done:
 *
 *     Task -> Choice -- done -----------------------> (next stage)
 *       ^        |----- continue -> Task
 *       |        |----- wait -----> Wait -> Task
 *       |        '----- anything else, or the Task's Catch -> an exit
 *
 * One round costs at most 9 history events (Task 5, Choice 2, Wait 2) and a working handler uses
 * its 780 s, so the 25,000 events of an execution allow 25,000 / 9 x 780 s = 25 days of
 * uninterrupted work, far beyond what one backfill takes. A handler that answers `wait` for a
 * closed window says how long.
 */
export class WorkLoop extends sfn.StateMachineFragment {
  readonly startState: sfn.State;
  readonly endStates: sfn.INextable[];

  constructor(scope: Construct, id: string, props: WorkLoopProps) {
    super(scope, id);
    const { stage, exits } = props;
    const task = new HandlerTask(this, 'Task', {
      stateName: stage.state,
      handler: props.handler,
      fields: {
        ...(stage.moment !== undefined && { moment: stage.moment }),
        ...(stage.step !== undefined && { step: stage.step }),
      },
    });
    const wait = new sfn.Wait(this, 'Wait', {
      stateName: stage.wait,
      time: sfn.WaitTime.secondsPath(`${OUTCOME_PATH}.seconds`),
    });
    const choice = new OutcomeChoice(this, 'Choice', {
      stateName: stage.question,
      exits: stage.exits,
      exitStates: exits,
      again: task,
      wait,
    });
    wait.next(task);
    task.next(choice);
    task.addCatch(exitState(exits, stage.exits.crashed), { resultPath: ERROR_PATH });
    this.startState = task;
    this.endStates = [choice];
  }
}
