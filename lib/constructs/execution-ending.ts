import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { FAILURES, RESTORE_FAILURES } from '../core/workflow/failures.ts';
import type { Ending } from '../core/workflow/states.ts';
import { ERROR_PATH, HandlerTask } from './handler-task.ts';

const CAUSES = { ...FAILURES, ...RESTORE_FAILURES };

export interface ExecutionEndingProps {
  readonly ending: Ending;
  readonly handler: IFunction;
}

/**
 * Records how an execution ended, then stops the state machine in that way. When the recording
 * fails the machine still stops in the same way: what happened in the database does not change
 * because nobody could write it down, and `resume` repairs the record.
 */
export class ExecutionEnding extends sfn.StateMachineFragment {
  readonly startState: sfn.State;
  readonly endStates: sfn.INextable[] = [];

  constructor(scope: Construct, id: string, props: ExecutionEndingProps) {
    super(scope, id);
    const { ending } = props;
    const record = new HandlerTask(this, 'Record', {
      stateName: ending.record,
      handler: props.handler,
      fields: { result: ending.result },
      keepOutcome: false,
    });
    const stop = this.#stop(ending);
    record.next(stop);
    record.addCatch(stop, { resultPath: ERROR_PATH });
    this.startState = record;
  }

  #stop({ stop, failure }: Ending): sfn.Succeed | sfn.Fail {
    if (failure === undefined) return new sfn.Succeed(this, 'Stop', { stateName: stop });
    return new sfn.Fail(this, 'Stop', {
      stateName: stop,
      error: failure,
      cause: CAUSES[failure],
    });
  }
}
