import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_TOKEN_SECRET } from '../aws/control-store/token-cipher.ts';
import { WITHOUT_SNAPSHOTS } from '../core/workflow/handlers.ts';
import type { LoadedStack } from './cloudformation/load-stack.ts';
import { EMBEDDED_PLACE } from './cloudformation/local-place.ts';
import { deployStack } from './deploy-stack.ts';
import { startDynamoDb } from './dynamodb/start-dynamodb.ts';
import { EMBEDDED_FILE, type EmbeddedDescription } from './embedded-description.ts';
import { type EventsHandle, startEvents } from './events/start-events.ts';
import type { Faults } from './http/faults.ts';
import type { FunctionLogSink } from './lambda/function-logs.ts';
import { type LambdaHandle, startLambda } from './lambda/start-lambda.ts';
import { makeReachable } from './postgres/data-directory.ts';
import { requireReachable } from './postgres/require-reachable.ts';
import type { ServerSettings } from './postgres/server-settings.ts';
import { type Rds, startRds } from './rds/server.ts';
import type { DataApiLimits } from './rds-data/limits.ts';
import { startRdsData } from './rds-data/server.ts';
import { startStates } from './states/start-states.ts';
import { startSts } from './sts/start-sts.ts';
import { synthesize } from './synthesize.ts';

/** How to run the embedded AWS. */
export interface EmbeddedAwsOptions {
  /** Holds databases, snapshots, executions and the control table. One process at a time. */
  readonly stateDirectory: string;
  /** Name of the embedded cluster. @default 'app' */
  readonly clusterIdentifier?: string;
  /** @default 'app' */
  readonly database?: string;
  /**
   * A PostgreSQL that somebody else runs, as `postgres://user:password@host:port/database`; its
   * snapshots are refused. @default - an embedded PostgreSQL
   */
  readonly databaseUrl?: string;
  /** 0 to 1: how much of each Wait and Retry delay of the state machine really passes. @default 1 */
  readonly waitScale?: number;
  /** Asked for each call of each service. @default - nothing goes wrong */
  readonly faults?: Faults;
  /** PostgreSQL settings of the embedded clusters. @default - the server's own */
  readonly serverSettings?: ServerSettings;
  /** Limits of the Data API, for tests. @default - those of AWS */
  readonly dataApiLimits?: Partial<DataApiLimits>;
  /** Receives what the handlers write. @default - kept, not shown */
  readonly onLog?: FunctionLogSink;
}

export interface EmbeddedAws {
  readonly description: EmbeddedDescription;
  readonly rds: Rds;
  readonly lambda: LambdaHandle;
  readonly events: EventsHandle;
  close(): Promise<void>;
}

/**
 * Starts the AWS services that the product calls, on 127.0.0.1, and deploys the synthesized stack
 * to them. The same handlers, SDK clients and state machine run as in an account; only endpoints
 * and credentials differ. What an earlier process left in the state directory is found again.
 */
export async function startEmbeddedAws(options: EmbeddedAwsOptions): Promise<EmbeddedAws> {
  const { stateDirectory } = options;
  await mkdir(stateDirectory, { recursive: true });
  await makeReachable(stateDirectory);
  await requireReachable(stateDirectory);
  const opened: { close(): Promise<void> }[] = [];
  const open = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    opened.push(started);
    return started;
  };
  const close = async () => {
    await rm(join(stateDirectory, EMBEDDED_FILE), { force: true });
    for (const service of opened.toReversed()) await service.close();
  };
  const faults = options.faults === undefined ? {} : { faults: options.faults };
  try {
    const rds = await open(
      startRds({
        root: join(stateDirectory, 'rds'),
        ...faults,
        ...(options.serverSettings !== undefined && { serverSettings: options.serverSettings }),
      }),
    );
    const target = await targetCluster(rds, options);
    const rdsData = await open(
      startRdsData({
        directory: rds.directory,
        ...faults,
        ...(options.dataApiLimits !== undefined && { limits: options.dataApiLimits }),
      }),
    );
    const dynamodb = await open(
      startDynamoDb({ path: join(stateDirectory, 'dynamodb'), ...faults }),
    );
    const events = await open(startEvents(faults));
    const sts = await open(startSts(faults));
    const lambda = await open(
      startLambda({ ...faults, ...(options.onLog !== undefined && { onLog: options.onLog }) }),
    );
    const states = await open(
      startStates({
        lambda,
        directory: join(stateDirectory, 'states'),
        events: (event) => void events.publish(event),
        ...faults,
        ...(options.waitScale !== undefined && { waitScale: options.waitScale }),
      }),
    );

    const endpoints = {
      states: states.url,
      dynamodb: dynamodb.url,
      lambda: lambda.url,
      events: events.url,
      sts: sts.url,
      rds: rds.url,
      rdsData: rdsData.url,
    };
    const tokenSecret = await loadTokenSecret(join(stateDirectory, 'token-secret'));
    const stack = await synthesize(
      {
        clusterIdentifier: target.clusterIdentifier,
        secretArn: target.secretArn,
        databaseName: target.database,
        fourEyes: 'as-configured', // a laptop has one person
        handlerEnvironment: {
          ...sdkEnvironment(endpoints),
          [LOCAL_TOKEN_SECRET]: tokenSecret,
          ...(options.databaseUrl !== undefined && {
            [WITHOUT_SNAPSHOTS]: 'a database given with --database-url gets none',
          }),
        },
      },
      join(stateDirectory, 'assembly'),
    );
    await open(deployStack(stack, { dynamodb, lambda, events, states: states.url }));

    const embedded: EmbeddedDescription = {
      version: 1,
      pid: process.pid,
      region: EMBEDDED_PLACE.region,
      endpoints,
      stateMachineArn: outputOf(stack, 'StateMachineArn'),
      restoreStateMachineArn: outputOf(stack, 'RestoreStateMachineArn'),
      controlTable: outputOf(stack, 'ControlTableName'),
      decideGateFunction: outputOf(stack, 'DecideGateFunctionName'),
      ...target,
      tokenSecret,
    };
    await writeDescription(stateDirectory, embedded);
    return { description: embedded, rds, lambda, events, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Target = Pick<
  EmbeddedDescription,
  'clusterIdentifier' | 'clusterArn' | 'secretArn' | 'database' | 'databaseUrl'
>;

async function targetCluster(rds: Rds, options: EmbeddedAwsOptions): Promise<Target> {
  const clusterIdentifier = options.clusterIdentifier ?? 'app';
  if (options.databaseUrl !== undefined) {
    const cluster = await rds.registerExternalCluster({
      identifier: clusterIdentifier,
      url: options.databaseUrl,
    });
    const database = decodeURIComponent(new URL(options.databaseUrl).pathname.slice(1));
    return describe(clusterIdentifier, cluster, database);
  }
  const database = options.database ?? 'app';
  const cluster = await rds.createReadyCluster({
    identifier: clusterIdentifier,
    database,
    username: 'app_owner',
    password: 'embedded-password',
  });
  return describe(clusterIdentifier, cluster, database);
}

function describe(
  clusterIdentifier: string,
  cluster: Awaited<ReturnType<Rds['createReadyCluster']>>,
  database: string,
): Target {
  return {
    clusterIdentifier,
    clusterArn: cluster.resourceArn,
    secretArn: cluster.secretArn,
    database,
    databaseUrl: cluster.url,
  };
}

/** Where each service is; the SDK reads these by itself. */
function sdkEnvironment(endpoints: EmbeddedDescription['endpoints']): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SFN: endpoints.states,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    AWS_ENDPOINT_URL_STS: endpoints.sts,
    AWS_ENDPOINT_URL_RDS: endpoints.rds,
    AWS_ENDPOINT_URL_RDS_DATA: endpoints.rdsData,
  };
}

function outputOf(stack: LoadedStack, name: string): string {
  return stack.outputs[name] ?? '';
}

/** Kept between runs: tokens of gates that are still open must stay readable. */
async function loadTokenSecret(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    const secret = randomBytes(32).toString('base64');
    await writeFile(path, secret, { mode: 0o600, flag: 'wx' });
    return secret;
  }
}

async function writeDescription(directory: string, embedded: EmbeddedDescription): Promise<void> {
  const path = join(directory, EMBEDDED_FILE);
  await writeFile(`${path}.new`, JSON.stringify(embedded, null, 2));
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
