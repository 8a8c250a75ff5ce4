import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../http/aws-error.ts';
import { stateMachineArn } from './arns.ts';
import type { JsonAction } from './aws-json.ts';
import type { Executions } from './executions.ts';
import { MAX_DATA_BYTES } from './limits.ts';
import { pageOf } from './paging.ts';
import { EXECUTION_STATUSES, type ExecutionRecord } from './records.ts';
import { arnField, checkName, pageFields, parseRequest } from './request.ts';
import type { StateMachines } from './state-machines.ts';

const startRequest = z.object({
  stateMachineArn: arnField,
  name: z.string().min(1).max(80).optional(),
  input: z.string().default('{}'),
});
const describeRequest = z.object({ executionArn: arnField });
const listRequest = z.object({
  stateMachineArn: arnField,
  statusFilter: z.enum(EXECUTION_STATUSES).optional(),
  ...pageFields,
});
const stopRequest = z.object({
  executionArn: arnField,
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});

/** Start, describe, list and stop. */
export function executionActions(
  machines: StateMachines,
  executions: Executions,
): Record<string, JsonAction> {
  return {
    StartExecution: (input) => {
      const request = parseRequest(startRequest, input);
      const machine = machines.find(request.stateMachineArn);
      const name = checkName(request.name ?? randomUUID());
      const started = executions.start(machine, name, checkInput(request.input));
      return { executionArn: started.executionArn, startDate: started.startedAt / 1_000 };
    },
    DescribeExecution: (input) => {
      const { executionArn } = parseRequest(describeRequest, input);
      return description(executions.describe(executionArn));
    },
    ListExecutions: (input) => {
      const request = parseRequest(listRequest, input);
      const { record, qualifier } = machines.find(request.stateMachineArn);
      const matching = executions
        .list()
        .filter(({ stateMachineName }) => stateMachineName === record.name)
        .filter((execution) => qualifier === undefined || execution.qualifier === qualifier)
        .filter(({ status }) => (request.statusFilter ?? status) === status);
      const page = pageOf(matching, ({ arn }) => arn, `executions of ${record.arn}`, request);
      return { executions: page.items.map(summary), nextToken: page.nextToken };
    },
    StopExecution: (input) => {
      const { executionArn, error, cause } = parseRequest(stopRequest, input);
      return { stopDate: executions.stop(executionArn, error, cause) / 1_000 };
    },
  };
}

function checkInput(input: string): string {
  const size = Buffer.byteLength(input);
  if (size > MAX_DATA_BYTES) {
    const message = `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${MAX_DATA_BYTES}`;
    throw new AwsError('ValidationException', 400, message);
  }
  try {
    JSON.parse(input);
    return input;
  } catch {
    const message = `Invalid State Machine Execution Input: 'input is not JSON'`;
    throw new AwsError('InvalidExecutionInput', 400, message);
  }
}

/** What lists and descriptions share. */
function summary(execution: ExecutionRecord): Record<string, unknown> {
  const machineArn = stateMachineArn(execution.stateMachineName);
  const { qualifier } = execution;
  const qualified = `${machineArn}:${qualifier}`;
  return {
    executionArn: execution.arn,
    stateMachineArn: machineArn,
    ...(qualifier === undefined
      ? {}
      : /^\d+$/.test(qualifier)
        ? { stateMachineVersionArn: qualified }
        : { stateMachineAliasArn: qualified }),
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAt / 1_000,
    redriveCount: 0,
    ...(execution.status === 'RUNNING' ? {} : { stopDate: execution.stoppedAt / 1_000 }),
  };
}

function description(execution: ExecutionRecord): Record<string, unknown> {
  const included = { included: true };
  return {
    ...summary(execution),
    input: execution.input,
    inputDetails: included,
    ...(execution.status === 'SUCCEEDED'
      ? { output: execution.output, outputDetails: included }
      : {}),
    ...('error' in execution ? { error: execution.error } : {}),
    ...('cause' in execution ? { cause: execution.cause } : {}),
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'the embedded runtime does not redrive executions',
  };
}
