import { LockkeeperError } from '../../core/errors.ts';
import type { RdsAction } from './actions.ts';
import { clusterProperties } from './cluster-properties.ts';
import { clusterArn, newResourceId, secretArnOf } from './names.ts';
import { parseForm } from './query-protocol.ts';
import type { ClusterRecord, InstanceRecord } from './records.ts';
import { instancesOf, type RdsService } from './service.ts';
import { ENGINE } from './shapes.ts';

/** A cluster that answers statements: what an application on AWS is given to begin with. */
export interface ReadyCluster {
  readonly resourceArn: string;
  readonly secretArn: string;
  /** Connection string of the master user, for whoever can reach the server directly. */
  readonly url: string;
}

/** What a new cluster is called and who owns it. */
export interface ReadyClusterOptions {
  readonly identifier: string;
  /** Database the cluster starts with. */
  readonly database: string;
  readonly username: string;
  /** 8 to 128 printable ASCII characters without `/`, `@`, `"` and space. */
  readonly password: string;
}

/**
 * Makes a cluster with an instance and the Data API turned on, and waits until it answers. A
 * cluster of that identifier that is there already is taken as it is.
 * @throws LockkeeperError `EmbeddedRuntime` when it does not become available
 */
export async function createReadyCluster(
  service: RdsService,
  actions: Readonly<Record<string, RdsAction>>,
  options: ReadyClusterOptions,
): Promise<ReadyCluster> {
  const { identifier, database, username, password } = options;
  const call = async (action: string, members: Readonly<Record<string, string>>): Promise<void> => {
    await actions[action]?.(parseForm(new URLSearchParams(members).toString()));
    await service.background.settled();
  };
  const find = (): ClusterRecord | undefined =>
    service.file.current().clusters.find((cluster) => cluster.identifier === identifier);
  if (find() === undefined) {
    await call('CreateDBCluster', {
      DBClusterIdentifier: identifier,
      Engine: ENGINE,
      DatabaseName: database,
      MasterUsername: username,
      MasterUserPassword: password,
      EnableHttpEndpoint: 'true',
      'ServerlessV2ScalingConfiguration.MinCapacity': '0.5',
      'ServerlessV2ScalingConfiguration.MaxCapacity': '2',
    });
  }
  const created = find();
  if (created !== undefined && instancesOf(service.file.current(), created).length === 0) {
    await call('CreateDBInstance', {
      DBInstanceIdentifier: `${identifier}-instance-1`,
      DBClusterIdentifier: identifier,
      DBInstanceClass: 'db.serverless',
      Engine: ENGINE,
    });
  }
  await service.background.settled();
  const cluster = find();
  const server = cluster && service.servers.running(cluster.resourceId);
  if (cluster === undefined || server === undefined) {
    throw new LockkeeperError('EmbeddedRuntime', `cluster ${identifier} is not available`, {
      fix: 'read the log beside its data directory, or remove the directory to start over',
    });
  }
  const secretArn = cluster.managedSecretArn ?? secretArnOf(identifier);
  const credentials = service.file.current().secrets[secretArn] ?? { username, password };
  const url = new URL(server.url(cluster.databaseName ?? database));
  url.username = encodeURIComponent(credentials.username);
  url.password = encodeURIComponent(credentials.password);
  return { resourceArn: clusterArn(identifier), secretArn, url: url.href };
}

/**
 * Shows a database that somebody else runs as a cluster with one instance. It can be used through
 * the Data API; it cannot be copied, so snapshots and clones are refused.
 */
export async function registerExternalCluster(
  service: RdsService,
  options: { readonly identifier: string; readonly url: string },
): Promise<ReadyCluster> {
  const { identifier } = options;
  const url = new URL(options.url);
  const secretArn = secretArnOf(identifier);
  const createdAt = new Date().toISOString();
  const username = decodeURIComponent(url.username);
  const databaseName = decodeURIComponent(url.pathname.slice(1));
  const cluster: ClusterRecord = {
    resourceId: newResourceId('cluster'),
    identifier,
    status: 'available',
    storage: { kind: 'external', url: options.url },
    masterUsername: username,
    ...(databaseName !== '' && { databaseName }),
    httpEndpoint: 'enabled',
    deletionProtection: true,
    createdAt,
    properties: clusterProperties(parseForm('')),
    tags: [],
  };
  const instance: InstanceRecord = {
    resourceId: newResourceId('db'),
    identifier: `${identifier}-instance-1`,
    clusterResourceId: cluster.resourceId,
    instanceClass: 'db.serverless',
    status: 'available',
    createdAt,
    tags: [],
  };
  await service.file.change((state) => ({
    ...state,
    clusters: [...state.clusters.filter((one) => one.identifier !== identifier), cluster],
    instances: [
      ...state.instances.filter((one) => one.identifier !== instance.identifier),
      instance,
    ],
    secrets: {
      ...state.secrets,
      [secretArn]: { username, password: decodeURIComponent(url.password) },
    },
  }));
  return { resourceArn: clusterArn(identifier), secretArn, url: options.url };
}
