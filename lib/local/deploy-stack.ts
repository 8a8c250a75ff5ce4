import {
  CreateStateMachineCommand,
  ExecutionAlreadyExists,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { LockkeeperError } from '../core/errors.ts';
import type { LoadedStack } from './cloudformation/load-stack.ts';
import { EMBEDDED_PLACE } from './cloudformation/local-place.ts';
import type { DynamoDbHandle } from './dynamodb/start-dynamodb.ts';
import { deployRules } from './events/deploy-rules.ts';
import type { EventsHandle } from './events/start-events.ts';
import type { LambdaHandle } from './lambda/start-lambda.ts';

/** The embedded services that a stack is deployed to. */
export interface DeploymentServices {
  readonly dynamodb: Pick<DynamoDbHandle, 'ensureTable'>;
  readonly lambda: LambdaHandle;
  readonly events: EventsHandle;
  /** Endpoint of Step Functions. */
  readonly states: string;
}

/** What Lambda sets in every function, and what no template may set: region and the role's keys. */
const RUNTIME_ENVIRONMENT = {
  AWS_REGION: EMBEDDED_PLACE.region,
  AWS_ACCESS_KEY_ID: 'handler',
  AWS_SECRET_ACCESS_KEY: 'embedded',
};

/**
 * Makes what a stack declares: tables, functions, state machines and the rules that start them.
 * Tables and state machines outlive the process; functions and rules are made anew each time.
 * @returns ends the rules
 */
export async function deployStack(
  stack: LoadedStack,
  { dynamodb, lambda, events, states }: DeploymentServices,
): Promise<{ close(): Promise<void> }> {
  const client = new SFNClient({
    endpoint: states,
    region: EMBEDDED_PLACE.region,
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  try {
    for (const { create } of stack.tables) await dynamodb.ensureTable(create);
    for (const fn of stack.functions) {
      lambda.register({ ...fn, environment: { ...RUNTIME_ENVIRONMENT, ...fn.environment } });
    }
    for (const { name, definition } of stack.stateMachines) {
      const roleArn = `arn:aws:iam::${EMBEDDED_PLACE.account}:role/embedded`;
      await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    }
  } catch (error) {
    client.destroy();
    throw error;
  }
  const rules = deployRules(events, stack.rules, {
    startExecution: async (stateMachineArn, name, input) => {
      const start = new StartExecutionCommand({ stateMachineArn, name, input });
      await client.send(start).catch((error: unknown) => {
        // An answer got lost, and the execution it told of has ended meanwhile.
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      });
    },
    invoke: async (functionArn, payload) => {
      const outcome = await lambda.invoke(functionArn, payload);
      if (outcome.kind === 'returned') return;
      const { errorType, errorMessage } = outcome.functionError;
      throw new LockkeeperError('EmbeddedRuntime', `${functionArn}: ${errorType}: ${errorMessage}`);
    },
  });
  return {
    close: async () => {
      await rules.close();
      client.destroy();
    },
  };
}
