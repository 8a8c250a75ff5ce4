import { z } from 'zod';
import { AwsError } from '../http/aws-error.ts';
import type { JsonAction } from './aws-json.ts';
import { pageOf } from './paging.ts';
import { arnField, checkName, pageFields, parseRequest } from './request.ts';
import type { StateMachines } from './state-machines.ts';

const createRequest = z.object({
  name: z.string().min(1).max(80),
  definition: z.string().min(1),
  roleArn: arnField,
  type: z.enum(['STANDARD', 'EXPRESS']).default('STANDARD'),
});
const describeRequest = z.object({ stateMachineArn: arnField });
const listRequest = z.object(pageFields);

/** Create (or update in place), describe and list. */
export function stateMachineActions(machines: StateMachines): Record<string, JsonAction> {
  return {
    CreateStateMachine: (input) => {
      const { name, definition, roleArn, type } = parseRequest(createRequest, input);
      if (type === 'EXPRESS') {
        const message = 'the embedded runtime runs STANDARD state machines only';
        throw new AwsError('StateMachineTypeNotSupported', 400, message);
      }
      const machine = machines.put(checkName(name), definition, roleArn);
      return { stateMachineArn: machine.arn, creationDate: machine.createdAt / 1_000 };
    },
    DescribeStateMachine: (input) => {
      const { stateMachineArn } = parseRequest(describeRequest, input);
      const { record } = machines.find(stateMachineArn);
      return {
        stateMachineArn,
        name: record.name,
        status: 'ACTIVE',
        definition: record.definition,
        roleArn: record.roleArn,
        type: 'STANDARD',
        creationDate: record.createdAt / 1_000,
        revisionId: record.revisionId,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      };
    },
    ListStateMachines: (input) => {
      const request = parseRequest(listRequest, input);
      const page = pageOf(machines.list(), ({ arn }) => arn, 'state-machines', request);
      const stateMachines = page.items.map(({ arn, name, createdAt }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD',
        creationDate: createdAt / 1_000,
      }));
      return { stateMachines, nextToken: page.nextToken };
    },
  };
}
