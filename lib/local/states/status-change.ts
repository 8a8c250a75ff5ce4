import { EMBEDDED_ACCOUNT, EMBEDDED_REGION } from '../lambda/lambda-function.ts';
import { stateMachineArn } from './arns.ts';
import type { ExecutionRecord } from './records.ts';

/** An event as EventBridge rules see it, before the bus has given it an id. */
export interface StatusChangeEvent {
  readonly source: 'aws.states';
  readonly 'detail-type': 'Step Functions Execution Status Change';
  readonly account: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Where status changes go; `startEvents` returns one (`publish`). */
export type StatusChangeSink = (event: StatusChangeEvent) => void;

/** Input and output are left out of the event when they are above 248 KiB together, as on AWS. */
const MAX_EVENT_DATA_BYTES = 253_952;

/** The event for the status that `execution` has now. */
export function statusChangeEvent(execution: ExecutionRecord): StatusChangeEvent {
  const output = execution.status === 'SUCCEEDED' ? execution.output : undefined;
  const size = Buffer.byteLength(execution.input) + Buffer.byteLength(output ?? '');
  const included = size <= MAX_EVENT_DATA_BYTES;
  const isOver = execution.status !== 'RUNNING';
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    account: EMBEDDED_ACCOUNT,
    region: EMBEDDED_REGION,
    resources: [execution.arn],
    detail: {
      executionArn: execution.arn,
      stateMachineArn: stateMachineArn(execution.stateMachineName),
      name: execution.name,
      status: execution.status,
      startDate: execution.startedAt,
      stopDate: isOver ? execution.stoppedAt : null,
      input: included ? execution.input : null,
      inputDetails: { included },
      output: included ? (output ?? null) : null,
      outputDetails: output === undefined ? null : { included },
      error: isOver && 'error' in execution ? execution.error : null,
      cause: isOver && 'cause' in execution ? execution.cause : null,
    },
  };
}
