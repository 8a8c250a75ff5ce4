import {
  instanceAlreadyExists,
  invalidClusterState,
  invalidInstanceState,
  invalidParameterValue,
} from './errors.ts';
import type { InstanceHolds } from './instance-holds.ts';
import { checkIdentifier, newResourceId } from './names.ts';
import { filterValues, pageOf } from './pages.ts';
import { type QueryParameters, type XmlMembers, xmlList } from './query-protocol.ts';
import type { InstanceRecord } from './records.ts';
import {
  findCluster,
  findInstance,
  instancesOf,
  type RdsService,
  requireAvailable,
  servedCluster,
} from './service.ts';
import { instanceShape } from './shapes.ts';
import { tagsOf } from './tags.ts';

/** `DescribeDBInstances`. @throws AwsError `DBInstanceNotFound` for a named one */
export async function describeDbInstances(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const state = service.file.current();
  const name = parameters.text('DBInstanceIdentifier');
  const known = ['db-cluster-id', 'db-instance-id'];
  const clusters = filterValues(parameters, 'db-cluster-id', known);
  const instances = filterValues(parameters, 'db-instance-id', known);
  const inCluster = (instance: InstanceRecord): boolean =>
    state.clusters.some(
      (cluster) =>
        cluster.resourceId === instance.clusterResourceId &&
        (clusters?.includes(cluster.identifier) ?? true),
    );
  const found = (name === undefined ? state.instances : [findInstance(state, name)])
    .filter(inCluster)
    .filter(({ identifier }) => instances?.includes(identifier) ?? true);
  const page = pageOf(found, parameters);
  return {
    DBInstances: xmlList(
      'DBInstance',
      page.items.map((instance) => instanceShape(state, instance)),
    ),
    Marker: page.marker,
  };
}

/** `CreateDBInstance`: starts the cluster's server. One instance, the writer, per cluster. */
export async function createDbInstance(
  service: RdsService,
  holds: InstanceHolds,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const state = service.file.current();
  const identifier = checkIdentifier(
    'DBInstanceIdentifier',
    parameters.required('DBInstanceIdentifier'),
    63,
  );
  const instanceClass = parameters.required('DBInstanceClass');
  if (/^db\.t\d/.test(instanceClass)) {
    throw invalidParameterValue(
      `${instanceClass}: the Data API does not work with T instance classes, use db.serverless`,
    );
  }
  parameters.required('Engine');
  const cluster = findCluster(state, parameters.required('DBClusterIdentifier'));
  requireAvailable(cluster);
  servedCluster(cluster, 'give it an instance');
  if (state.instances.some((one) => one.identifier === identifier)) {
    throw instanceAlreadyExists(identifier);
  }
  if (instancesOf(state, cluster).length > 0) {
    throw invalidClusterState(
      `DBCluster ${cluster.identifier} has its writer; the embedded rds has no readers.`,
    );
  }
  const instance: InstanceRecord = {
    resourceId: newResourceId('db'),
    identifier,
    clusterResourceId: cluster.resourceId,
    instanceClass,
    status: 'creating',
    createdAt: new Date().toISOString(),
    tags: tagsOf(parameters),
  };
  await service.file.change((current) => ({
    ...current,
    instances: [...current.instances, instance],
  }));
  service.background.run(
    `starting the instance ${identifier}`,
    () => holds.start(instance),
    () => setStatus(service, instance, 'failed'),
  );
  return { DBInstance: instanceShape(service.file.current(), instance) };
}

/** `DeleteDBInstance`: stops the server; the cluster keeps its data. */
export async function deleteDbInstance(
  service: RdsService,
  holds: InstanceHolds,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const state = service.file.current();
  const instance = findInstance(state, parameters.required('DBInstanceIdentifier'));
  if (instance.status !== 'available' && instance.status !== 'failed') {
    throw invalidInstanceState(
      `Instance ${instance.identifier} is in state ${instance.status}, it cannot be deleted.`,
    );
  }
  const cluster = state.clusters.find((one) => one.resourceId === instance.clusterResourceId);
  if (cluster !== undefined) servedCluster(cluster, 'delete its instance');
  await setStatus(service, instance, 'deleting');
  service.background.run(
    `deleting the instance ${instance.identifier}`,
    async () => {
      await holds.stop(instance);
      await service.file.change((current) => ({
        ...current,
        instances: current.instances.filter(({ resourceId }) => resourceId !== instance.resourceId),
      }));
    },
    () => setStatus(service, instance, 'failed'),
  );
  return { DBInstance: instanceShape(state, { ...instance, status: 'deleting' }) };
}

function setStatus(
  service: RdsService,
  instance: InstanceRecord,
  status: InstanceRecord['status'],
): Promise<void> {
  return service.file.change((state) => ({
    ...state,
    instances: state.instances.map((one) =>
      one.resourceId === instance.resourceId ? { ...one, status } : one,
    ),
  }));
}
