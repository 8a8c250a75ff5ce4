import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import { dynamoDbControlStore } from '../../lib/aws/control-store/dynamodb-control-store.ts';
import { kmsTokenCipher } from '../../lib/aws/control-store/kms-token-cipher.ts';
import { dataApiClient } from '../../lib/aws/data-api/data-api-client.ts';
import { dataApiDatabase } from '../../lib/aws/data-api/data-api-database.ts';
import { decideGateClient } from '../../lib/aws/decide-gate-client.ts';
import { eventBridgeSink } from '../../lib/aws/event-sink.ts';
import { callerArn } from '../../lib/aws/identity/caller-arn.ts';
import { stsProver } from '../../lib/aws/identity/sts-prover.ts';
import { systemClock } from '../../lib/aws/system-clock.ts';
import { stepFunctionsWorkflow } from '../../lib/aws/workflow.ts';
import { type Execution, isFinished } from '../../lib/core/executions/execution.ts';
import type { Decision } from '../../lib/core/gates/parse-command.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import type { GateName } from '../../lib/core/migration/migration.ts';
import { startExecution } from '../../lib/engine/start-execution.ts';
import type { ControlStore } from '../../lib/ports/control-store.ts';
import type { Database } from '../../lib/ports/database.ts';
import type { Workflow, WorkflowRun } from '../../lib/ports/workflow.ts';
import { inlineMigration } from '../support/engine-scene.ts';
import { type Deployment, readDeployment } from './deployment.ts';

type Omitting<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** What a test does with the deployed app: the calls that the CLI and a pipeline make. */
export interface AwsScene {
  readonly deployment: Deployment;
  readonly stepFunctions: SFNClient;
  readonly control: ControlStore;
  readonly workflow: Workflow;
  readonly database: Database;
  /** Empties the database. Leases are not touched: a test ends what it starts. */
  reset(): Promise<void>;
  /** Starts a migration that consists of its `migration.yaml`. */
  start(migrationId: string, yaml: string): Promise<Execution>;
  /** @throws Error when it is refused, with what was said */
  decide(execution: Execution, message: Omitting<Decision, 'executionId'>): Promise<void>;
  /** Waits until the gate has a state that waits at it. @throws Error when the execution ends instead */
  untilGate(execution: Execution, gate: GateName): Promise<void>;
  /** Waits until nothing works on it any more. */
  untilEnded(execution: Execution): Promise<EndedExecution>;
  /** The names of the states of its first run, in the order in which they were entered. */
  statesOf(execution: Execution): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface EndedExecution {
  readonly execution: Execution;
  /** The first run, as Step Functions tells it. */
  readonly run: WorkflowRun;
}

/** How often we look. An emulator's state changes take a tenth of a second. */
const LOOK_MS = 250;

/** Clients of the deployment, with the adapters that the CLI uses. */
export async function openAwsScene(): Promise<AwsScene> {
  const deployment = readDeployment();
  const stepFunctions = new SFNClient({});
  const dynamoDb = new DynamoDBClient({});
  const kms = new KMSClient({});
  const lambda = new LambdaClient({});
  const eventBridge = new EventBridgeClient({});
  const sts = new STSClient({});
  const control = dynamoDbControlStore({
    client: dynamoDb,
    tableName: deployment.controlTable,
    cipher: kmsTokenCipher(kms, deployment.controlKey),
  });
  const workflow = stepFunctionsWorkflow({
    client: stepFunctions,
    stateMachineArn: deployment.stateMachineArn,
  });
  const database = dataApiDatabase({
    client: dataApiClient(),
    clock: systemClock,
    clusterArn: deployment.clusterArn,
    secretArn: deployment.secretArn,
    database: deployment.database,
  });
  const identity = stsProver(sts);
  const decideGate = decideGateClient(lambda, deployment.decideGateFunction, identity);
  const events = eventBridgeSink({
    client: eventBridge,
    busName: 'default',
    log: (message) => process.emitWarning(message),
  });
  const by = await callerArn(sts);

  const look = async (executionId: ExecutionId): Promise<Execution> => {
    const found = await control.getExecution(executionId);
    if (found === undefined) throw new Error(`execution ${executionId} is gone`);
    return found;
  };

  /**
   * Wakes a timer whose time has come. On AWS it wakes by itself, and waking it twice changes
   * nothing; MiniStack knows no `TimeoutSecondsPath`.
   */
  const wakeTimer = async (executionId: ExecutionId): Promise<void> => {
    const soak = await control.getGate(executionId, 'soak');
    if (soak === undefined || soak.decision !== undefined || soak.expiresAt > Date.now()) return;
    const token = await control.getTaskToken(executionId, 'soak');
    if (token !== undefined) await workflow.wake(token);
  };

  return {
    deployment,
    stepFunctions,
    control,
    workflow,
    database,

    async reset() {
      for (const statement of [
        'drop schema if exists lockkeeper cascade',
        'drop schema if exists public cascade',
        'create schema public',
      ]) {
        await database.execute(statement);
      }
    },

    async start(migrationId, yaml) {
      const { migration, source } = await inlineMigration(migrationId, { 'migration.yaml': yaml });
      const launch = { control, workflow, events, clock: systemClock, by, identity };
      return startExecution(launch, migration, source);
    },

    async decide({ executionId }, message) {
      const reply = await decideGate({ ...message, executionId } as Decision);
      if (!reply.ok) throw new Error(`${reply.code}: ${reply.message}`);
    },

    async untilGate({ executionId }, gate) {
      while ((await control.getTaskToken(executionId, gate)) === undefined) {
        const { status, reason } = await look(executionId);
        if (isFinished(status)) throw new Error(`${executionId} is ${status}: ${reason}`);
        await sleep(LOOK_MS);
      }
    },

    async untilEnded({ executionId, runs: [first] }) {
      for (;;) {
        await wakeTimer(executionId);
        const execution = await look(executionId);
        const run = await workflow.describe(first?.run ?? '');
        if (run.status !== 'RUNNING' && (isFinished(execution.status) || run.status === 'FAILED')) {
          return { execution, run };
        }
        await sleep(LOOK_MS);
      }
    },

    async statesOf({ runs: [first] }) {
      const history = await workflow.history(first?.run ?? '');
      return history.flatMap(({ type, state }) =>
        type.endsWith('StateEntered') && state !== undefined ? [state] : [],
      );
    },

    async close() {
      await database.close();
      for (const client of [stepFunctions, dynamoDb, kms, lambda, eventBridge, sts])
        client.destroy();
    },
  };
}
