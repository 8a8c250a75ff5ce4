import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { keys } from '../../lib/aws/control-store/keys.ts';
import { dataApiClient } from '../../lib/aws/data-api/data-api-client.ts';
import { dataApiDatabase } from '../../lib/aws/data-api/data-api-database.ts';
import { systemClock } from '../../lib/aws/system-clock.ts';
import type { StatusFacts } from '../../lib/cli/views/status-view.ts';
import { isFinished } from '../../lib/core/executions/execution.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import type { GateName } from '../../lib/core/migration/migration.ts';
import type { Database } from '../../lib/ports/database.ts';
import type { Said } from '../cli/support/recording-terminal.ts';
import { type Deployment, readDeployment } from './deployment.ts';
import { type OperatorProject, operatorProject } from './operator-project.ts';

/** What `lockkeeper ... --json` said, taken apart. */
export interface Answer<T> {
  readonly exitCode: number;
  readonly value: T;
}

/** How a run ended, as Step Functions tells it. */
export interface Ended extends Answer<StatusFacts> {
  /** Status and error of the first run. */
  readonly run: { readonly status: string | undefined; readonly error: string | undefined };
}

/** What an operator and a pipeline do with the deployed app: every step of it is a command line. */
export interface AwsScene {
  readonly deployment: Deployment;
  readonly project: OperatorProject;
  readonly database: Database;
  /** Empties the database. Leases are not touched: a test ends what it starts. */
  reset(): Promise<void>;
  /** Runs `lockkeeper ... --json`. */
  say<T>(...argv: readonly string[]): Promise<Answer<T>>;
  /** Starts the migration, which must be accepted. */
  start(migration: string): Promise<ExecutionId>;
  /** Waits until the gate has a state that waits at it. @throws Error when the execution ends instead */
  untilGate(executionId: ExecutionId, gate: GateName): Promise<void>;
  /** Watches it to its end. */
  watch(executionId: ExecutionId): Promise<Ended>;
  /** Stops the last run behind the back of the product. */
  stopFromOutside(executionId: ExecutionId): Promise<void>;
  /** Connects to a cluster that was restored. */
  connect(clusterArn: string): Database;
  close(): Promise<void>;
}

/** How often we look. An emulator's state changes take a tenth of a second. */
const LOOK_MS = 250;

export async function openAwsScene(): Promise<AwsScene> {
  const deployment = readDeployment();
  const project = await operatorProject(deployment);
  const stepFunctions = new SFNClient({});
  const dynamoDb = new DynamoDBClient({});
  const connect = (clusterArn: string): Database =>
    dataApiDatabase({
      client: dataApiClient(),
      clock: systemClock,
      clusterArn,
      secretArn: deployment.secretArn,
      database: deployment.database,
    });
  const database = connect(deployment.clusterArn);

  const say = async <T>(...argv: readonly string[]): Promise<Answer<T>> => {
    const said = await project.lockkeeper(...argv, '--json');
    return { exitCode: said.exitCode, value: answerOf<T>(said) };
  };
  const status = async (executionId: ExecutionId) =>
    (await say<StatusFacts>('status', executionId)).value;
  const firstRun = async (executionId: ExecutionId) =>
    (await status(executionId)).execution.runs[0]?.run;

  /**
   * Whether the token of the waiting state is kept. A decision that comes between the opening of a
   * gate and this is told to the state as an error, which MiniStack swallows.
   */
  const waits = async (executionId: ExecutionId, gate: GateName): Promise<boolean> => {
    const { pk, sk } = keys.token(executionId, gate);
    const { Item } = await dynamoDb.send(
      new GetItemCommand({
        TableName: deployment.controlTable,
        Key: { pk: { S: pk }, sk: { S: sk } },
        ConsistentRead: true,
      }),
    );
    return Item !== undefined;
  };

  return {
    deployment,
    project,
    database,
    connect,
    say,

    async reset() {
      for (const statement of [
        'drop schema if exists lockkeeper cascade',
        'drop schema if exists public cascade',
        'create schema public',
      ]) {
        await database.execute(statement);
      }
    },

    async start(migration) {
      const { exitCode, value } = await say<StatusFacts>('start', migration);
      if (exitCode === 0) return value.execution.executionId;
      throw new Error(`start ${migration}: ${exitCode} ${JSON.stringify(value)}`);
    },

    async untilGate(executionId, gate) {
      while (!(await waits(executionId, gate))) {
        const { execution } = await status(executionId);
        if (isFinished(execution.status)) {
          throw new Error(`${executionId} is ${execution.status}: ${execution.reason}`);
        }
        await sleep(LOOK_MS);
      }
    },

    async watch(executionId) {
      const watched = await say<StatusFacts>('watch', executionId);
      // The execution is recorded as ended one state before its run ends.
      for (;;) {
        const executionArn = await firstRun(executionId);
        const run = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
        if (run.status !== 'RUNNING') {
          return { ...watched, run: { status: run.status, error: run.error } };
        }
        await sleep(LOOK_MS);
      }
    },

    async stopFromOutside(executionId) {
      const executionArn = await firstRun(executionId);
      await stepFunctions.send(new StopExecutionCommand({ executionArn }));
    },

    async close() {
      await database.close();
      for (const client of [stepFunctions, dynamoDb]) client.destroy();
      await project.remove();
    },
  };
}

function answerOf<T>({ exitCode, out, err }: Said): T {
  try {
    return JSON.parse(out) as T;
  } catch {
    throw new Error(`no JSON on standard output (exit code ${exitCode}): ${out}\n${err}`);
  }
}
