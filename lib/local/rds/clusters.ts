import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { clusterProperties } from './cluster-properties.ts';
import {
  clusterAlreadyExists,
  invalidClusterState,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
} from './errors.ts';
import { createMasterAccount } from './master-account.ts';
import { checkIdentifier, newResourceId, secretArnOf } from './names.ts';
import { filterValues, pageOf } from './pages.ts';
import { type QueryParameters, type XmlMembers, xmlList } from './query-protocol.ts';
import type { ClusterRecord, Credentials } from './records.ts';
import {
  changeCluster,
  findCluster,
  instancesOf,
  type RdsService,
  removeDirectory,
  requireAvailable,
  servedCluster,
} from './service.ts';
import { clusterShape } from './shapes.ts';
import { createFinalSnapshot } from './snapshots.ts';
import { tagsOf } from './tags.ts';

/** Names RDS keeps for itself, and PostgreSQL does. */
const RESERVED_NAMES = /^(rds.*|pg_.*|admin|public|postgres_superuser)$/i;

/** `DescribeDBClusters`. @throws AwsError `DBClusterNotFoundFault` for a named one */
export async function describeDbClusters(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const state = service.file.current();
  const name = parameters.text('DBClusterIdentifier');
  const filter = filterValues(parameters, 'db-cluster-id', ['db-cluster-id']);
  const found = name === undefined ? state.clusters : [findCluster(state, name)];
  const matching = found.filter(({ identifier }) => filter?.includes(identifier) ?? true);
  const page = pageOf(matching, parameters);
  return {
    DBClusters: xmlList(
      'DBCluster',
      page.items.map((cluster) => clusterShape(state, cluster)),
    ),
    Marker: page.marker,
  };
}

/** `CreateDBCluster`: storage and accounts; it answers statements once it has an instance. */
export async function createDbCluster(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  parameters.required('Engine');
  const identifier = newClusterIdentifier(service, parameters);
  const master = masterOf(parameters);
  const databaseName = parameters.text('DatabaseName');
  const managed = parameters.flag('ManageMasterUserPassword') ?? false;
  const secretArn = secretArnOf(managed ? `rds!${identifier}` : identifier);
  const cluster: ClusterRecord = {
    resourceId: newResourceId('cluster'),
    identifier,
    status: 'creating',
    storage: { kind: 'data-directory', adminPassword: randomBytes(18).toString('base64url') },
    masterUsername: master.username,
    ...(managed && { managedSecretArn: secretArn }),
    ...(databaseName !== undefined && { databaseName }),
    httpEndpoint: parameters.flag('EnableHttpEndpoint') ? 'enabled' : 'disabled',
    deletionProtection: parameters.flag('DeletionProtection') ?? false,
    createdAt: new Date().toISOString(),
    properties: clusterProperties(parameters),
    tags: tagsOf(parameters),
  };
  await service.file.change((state) => ({
    ...state,
    clusters: [...state.clusters, cluster],
    // A password given by hand gets a secret, too: the Data API takes nothing else.
    secrets: { ...state.secrets, [secretArn]: master },
  }));
  populate(service, cluster, async (adminUrl) =>
    createMasterAccount(adminUrl, master, databaseName),
  );
  return { DBCluster: clusterShape(service.file.current(), cluster) };
}

/**
 * Brings a new cluster to life in the background: makes its first data, then marks it available.
 * @param firstRun works on the running server, as `rdsadmin`
 */
function populate(
  service: RdsService,
  cluster: ClusterRecord,
  firstRun: (adminUrl: string) => Promise<void>,
): void {
  const { resourceId, identifier } = cluster;
  const become = (status: 'available' | 'failed'): Promise<void> =>
    changeCluster(service, resourceId, (record) => ({ ...record, status }));
  service.background.run(
    `creating the cluster ${identifier}`,
    async () => {
      const hold = await service.servers.hold(servedCluster(cluster, 'start it'));
      try {
        await firstRun(hold.server.url());
      } finally {
        await hold.release();
      }
      await become('available');
    },
    () => become('failed'),
  );
}

/** `DeleteDBCluster`: refused while it is protected or has instances. */
export async function deleteDbCluster(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const state = service.file.current();
  const cluster = findCluster(state, parameters.required('DBClusterIdentifier'));
  if (cluster.deletionProtection) {
    throw invalidParameterCombination(
      'Cannot delete protected Cluster, please disable deletion protection and try again.',
    );
  }
  if (cluster.status === 'creating' || cluster.status === 'deleting') requireAvailable(cluster);
  servedCluster(cluster, 'delete it');
  if (instancesOf(state, cluster).some(({ status }) => status !== 'deleting')) {
    throw invalidClusterState(
      'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
    );
  }
  const skipped = parameters.flag('SkipFinalSnapshot') ?? false;
  const finalSnapshot = parameters.text('FinalDBSnapshotIdentifier');
  if (skipped === (finalSnapshot !== undefined)) {
    throw invalidParameterCombination(
      'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
    );
  }
  if (finalSnapshot !== undefined) await createFinalSnapshot(service, cluster, finalSnapshot);
  await changeCluster(service, cluster.resourceId, (record) => ({ ...record, status: 'deleting' }));
  service.background.run(
    `deleting the cluster ${cluster.identifier}`,
    async () => {
      await service.servers.idle(cluster.resourceId);
      await removeDirectory(dirname(service.servers.dataDirectory(cluster.resourceId)));
      await service.file.change((current) => ({
        ...current,
        clusters: current.clusters.filter(({ resourceId }) => resourceId !== cluster.resourceId),
      }));
    },
    () => changeCluster(service, cluster.resourceId, (record) => ({ ...record, status: 'failed' })),
  );
  return { DBCluster: clusterShape(service.file.current(), { ...cluster, status: 'deleting' }) };
}

/**
 * The identifier a request wants for a new cluster.
 * @throws AwsError `DBClusterAlreadyExistsFault`
 */
export function newClusterIdentifier(
  service: RdsService,
  parameters: QueryParameters,
  parameter = 'DBClusterIdentifier',
): string {
  const identifier = checkIdentifier(parameter, parameters.required(parameter), 63);
  const taken = service.file.current().clusters.some((one) => one.identifier === identifier);
  if (taken) throw clusterAlreadyExists(identifier);
  return identifier;
}

function masterOf(parameters: QueryParameters): Credentials {
  const username = parameters.required('MasterUsername');
  if (RESERVED_NAMES.test(username)) {
    throw invalidParameterValue(
      `MasterUsername ${username} cannot be used as it is a reserved word used by the engine`,
    );
  }
  const password = parameters.text('MasterUserPassword');
  if (parameters.flag('ManageMasterUserPassword')) {
    if (password === undefined) {
      return { username, password: randomBytes(21).toString('base64url') };
    }
    throw invalidParameterCombination(
      'You can’t specify both ManageMasterUserPassword and MasterUserPassword.',
    );
  }
  if (password === undefined) throw missingParameter('MasterUserPassword');
  return { username, password: checkPassword(password) };
}

/** @throws AwsError `InvalidParameterValue` */
export function checkPassword(password: string): string {
  if (/^[!-.0-?A-~]{8,128}$/.test(password) && !/["@]/.test(password)) return password;
  throw invalidParameterValue(
    "The parameter MasterUserPassword is not a valid password. It must have 8 to 128 printable ASCII characters besides '/', '@', '\"', ' '.",
  );
}
