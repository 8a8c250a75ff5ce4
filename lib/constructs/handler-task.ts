import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { HANDLER_TIMEOUT_SECONDS } from '../core/workflow/handlers.ts';
import type { OutcomePayload } from '../core/workflow/outcome.ts';
import { PAYLOAD_FORMAT, type TaskInput } from '../core/workflow/payload.ts';
import {
  RETRY_HANDLER_ERROR,
  RETRY_KILLED_FUNCTION,
  RETRY_LAMBDA_SERVICE,
} from './retry-policies.ts';

/** Where a task leaves its outcome and where a Catch leaves the error, beside the input. */
export const OUTCOME_PATH = '$.step';
export const ERROR_PATH = '$.error';

/**
 * The task gives up 30 s after the function's own timeout. Later than the function on purpose: when
 * the task is tried again or rolled back, the lost call is certain to have ended.
 */
const TASK_TIMEOUT = Duration.seconds(HANDLER_TIMEOUT_SECONDS + 30);

export interface HandlerTaskProps {
  /** Plain English; shown wherever an execution is shown. */
  readonly stateName: string;
  readonly handler: IFunction;
  /**
   * Fields of the payload beyond the ones that every task sends.
   * @default - none
   */
  readonly fields?: Readonly<Record<string, string>>;
  /**
   * Whether the outcome is kept at `OUTCOME_PATH` for a Choice.
   * @default true
   */
  readonly keepOutcome?: boolean;
}

/**
 * A Task that calls one handler: bounded, tried again where that can help, and with the execution's
 * identity kept whatever the handler answers. The caller adds the Catch, which alone knows where
 * to go.
 */
export class HandlerTask extends LambdaInvoke {
  constructor(scope: Construct, id: string, props: HandlerTaskProps) {
    super(scope, id, {
      stateName: props.stateName,
      lambdaFunction: props.handler,
      payload: sfn.TaskInput.fromObject(taskInput(props.fields)),
      ...((props.keepOutcome ?? true)
        ? { resultSelector: outcomeOf('$.Payload'), resultPath: OUTCOME_PATH }
        : { resultPath: sfn.JsonPath.DISCARD }),
      taskTimeout: sfn.Timeout.duration(TASK_TIMEOUT),
      retryOnServiceExceptions: false, // ours include throttling and say how long they last
    });
    this.addRetry(RETRY_LAMBDA_SERVICE);
    this.addRetry(RETRY_KILLED_FUNCTION);
    this.addRetry(RETRY_HANDLER_ERROR);
  }
}

/** The payload of a task: only who it is about, so that no state can act on something stale. */
export function taskInput(
  fields: Readonly<Record<string, string>> = {},
): Record<string, string | number> {
  return {
    formatVersion: PAYLOAD_FORMAT, // of this definition, whatever the run was started with
    executionId: sfn.JsonPath.stringAt('$.executionId'),
    mode: sfn.JsonPath.stringAt('$.mode'),
    run: sfn.JsonPath.executionId,
    ...fields,
  } satisfies Record<keyof TaskInput | 'formatVersion', string | number>;
}

/** Picks exactly the modelled fields: more would travel through every later state. */
function outcomeOf(answer: string): Record<keyof OutcomePayload, string> {
  return {
    outcome: sfn.JsonPath.stringAt(`${answer}.outcome`),
    seconds: sfn.JsonPath.stringAt(`${answer}.seconds`),
    reason: sfn.JsonPath.stringAt(`${answer}.reason`),
  };
}
