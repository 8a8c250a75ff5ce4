import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import { LockkeeperError } from '../core/errors.ts';
import {
  type Capability,
  type FourEyes,
  HANDLER_ENVIRONMENT,
  HOST_METRICS,
  WITHOUT_SNAPSHOTS,
} from '../core/workflow/handlers.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterService } from '../ports/cluster-service.ts';
import type { ControlStore } from '../ports/control-store.ts';
import type { Database } from '../ports/database.ts';
import type { EventSink } from '../ports/event-sink.ts';
import type { HostMetrics } from '../ports/host-metrics.ts';
import type { IdentityVerifier } from '../ports/identity.ts';
import type { Workflow } from '../ports/workflow.ts';
import { dynamoDbControlStore } from './control-store/dynamodb-control-store.ts';
import { kmsTokenCipher } from './control-store/kms-token-cipher.ts';
import { localTokenCipher } from './control-store/local-token-cipher.ts';
import { LOCAL_TOKEN_SECRET, type TokenCipher } from './control-store/token-cipher.ts';
import { dataApiClient } from './data-api/data-api-client.ts';
import { dataApiDatabase } from './data-api/data-api-database.ts';
import { eventBridgeSink } from './event-sink.ts';
import { cloudWatchHostMetrics } from './host-metrics.ts';
import { stsVerifier } from './identity/sts-verifier.ts';
import { countedEvents, measuredProgress } from './metrics.ts';
import { rdsClusterService } from './rds/cluster-service.ts';
import { systemClock } from './system-clock.ts';
import { transport } from './transport.ts';
import { stepFunctionsWaker } from './workflow.ts';

/** A handler's adapters; those beyond its capabilities are not there. */
export interface HandlerWiring {
  readonly database: Database | undefined;
  /** Opens the target's database in another cluster, by the cluster's name. */
  readonly connectTo: ((clusterIdentifier: string) => Database) | undefined;
  readonly clusters: ClusterService | undefined;
  readonly host: HostMetrics | undefined;
  readonly identities: IdentityVerifier | undefined;
  readonly waker: Pick<Workflow, 'wake'> | undefined;
  readonly control: ControlStore;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly target: HandlerTarget;
  /** What the deployment demands, whatever a project's configuration says. */
  readonly fourEyes: FourEyes;
}

export interface HandlerTarget {
  readonly clusterIdentifier: string;
  readonly database: string;
  /** `<cluster identifier>/<database>`: what the lease is taken on. */
  readonly name: string;
  /** Why no snapshot can be taken of it; undefined for every cluster of AWS. */
  readonly withoutSnapshots: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Builds a handler's adapters from its environment, once per container. Endpoints, region and
 * credentials are the SDK's own business (`AWS_ENDPOINT_URL_*`, the function's role).
 * @param log told what went wrong without stopping the work
 * @throws LockkeeperError InvalidConfiguration naming every variable that is missing
 */
export function wireHandler(
  environment: Environment,
  capabilities: readonly Capability[],
  log: (message: string) => void,
): HandlerWiring {
  const values = requireAll(environment);
  const name = `${values.clusterIdentifier}/${values.database}`;
  const can = (capability: Capability) => capabilities.includes(capability);
  const open = (clusterArn: string) =>
    dataApiDatabase({
      client: dataApiClient(),
      clock: systemClock,
      clusterArn,
      secretArn: values.secretArn,
      database: values.database,
    });
  return {
    database: can('sql') ? open(values.clusterArn) : undefined,
    connectTo: can('restored-sql')
      ? (identifier) => open(siblingArn(values.clusterArn, identifier))
      : undefined,
    clusters: CLUSTER_CAPABILITIES.some(can)
      ? rdsClusterService({
          client: new RDSClient({ requestHandler: transport() }),
          clock: systemClock,
        })
      : undefined,
    host:
      can('measure') && environment[HOST_METRICS] === 'on'
        ? cloudWatchHostMetrics({
            client: new CloudWatchClient({
              requestHandler: transport(METRICS_TIMEOUT_MS),
              maxAttempts: 2,
            }),
            clock: systemClock,
            clusterIdentifier: values.clusterIdentifier,
          })
        : undefined,
    identities: can('identify')
      ? stsVerifier(new STSClient({ requestHandler: transport() }), systemClock)
      : undefined,
    waker: can('wake')
      ? stepFunctionsWaker(new SFNClient({ requestHandler: transport() }))
      : undefined,
    control: measuredProgress(
      dynamoDbControlStore({
        client: new DynamoDBClient({ requestHandler: transport() }),
        tableName: values.controlTable,
        cipher: cipherOf(environment, values.controlKey),
      }),
      systemClock,
      name,
    ),
    events: countedEvents(
      eventBridgeSink({
        client: new EventBridgeClient({ requestHandler: transport() }),
        busName: values.eventBus,
        log,
      }),
      name,
    ),
    clock: systemClock,
    // Whatever it is set to by mistake, it asks for more and never for less.
    fourEyes: values.fourEyes === 'as-configured' ? 'as-configured' : 'required',
    target: {
      clusterIdentifier: values.clusterIdentifier,
      database: values.database,
      name,
      withoutSnapshots: environment[WITHOUT_SNAPSHOTS],
    },
  };
}

/** Batches wait for it, and what does not answer holds them. */
const METRICS_TIMEOUT_MS = 3_000;

const CLUSTER_CAPABILITIES: readonly Capability[] = [
  'snapshot',
  'restore',
  'look',
  'take-over',
  'sweep',
];

/** The ARN of another cluster of the same account and region: its name is the last part. */
export function siblingArn(clusterArn: string, identifier: string): string {
  return `${clusterArn.slice(0, clusterArn.lastIndexOf(':') + 1)}${identifier}`;
}

type Values = Readonly<Record<keyof typeof HANDLER_ENVIRONMENT, string>>;

function requireAll(environment: Environment): Values {
  const entries = Object.entries(HANDLER_ENVIRONMENT).map(
    ([key, variable]) => [key, variable, environment[variable]] as const,
  );
  const missing = entries.filter(([, , value]) => value === undefined || value === '');
  if (missing.length === 0) {
    return Object.fromEntries(entries.map(([key, , value]) => [key, value])) as Values;
  }
  throw new LockkeeperError(
    'InvalidConfiguration',
    `missing environment variables: ${missing.map(([, variable]) => variable).join(', ')}`,
    { fix: 'deploy the function with the MigrationOrchestrator construct, which sets them' },
  );
}

function cipherOf(environment: Environment, controlKey: string): TokenCipher {
  const secret = environment[LOCAL_TOKEN_SECRET];
  return secret === undefined
    ? kmsTokenCipher(new KMSClient({ requestHandler: transport() }), controlKey)
    : localTokenCipher(Buffer.from(secret, 'base64'));
}
