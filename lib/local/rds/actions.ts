import { createDbCluster, deleteDbCluster, describeDbClusters } from './clusters.ts';
import { disableHttpEndpoint, enableHttpEndpoint } from './http-endpoint.ts';
import type { InstanceHolds } from './instance-holds.ts';
import { createDbInstance, deleteDbInstance, describeDbInstances } from './instances.ts';
import { modifyDbCluster } from './modify-cluster.ts';
import { modifyDbInstance } from './modify-instance.ts';
import type { QueryParameters, XmlMembers } from './query-protocol.ts';
import { restoreDbClusterFromSnapshot, restoreDbClusterToPointInTime } from './restores.ts';
import type { RdsService } from './service.ts';
import {
  createDbClusterSnapshot,
  deleteDbClusterSnapshot,
  describeDbClusterSnapshots,
} from './snapshots.ts';
import { addTagsToResource, listTagsForResource } from './tags.ts';

/** One operation of the API: reads its parameters, answers the members of its result. */
export type RdsAction = (parameters: QueryParameters) => Promise<XmlMembers>;

/** The operations the embedded RDS knows, by the name on the wire. */
export function rdsActions(
  service: RdsService,
  holds: InstanceHolds,
): Readonly<Record<string, RdsAction>> {
  return {
    CreateDBCluster: (parameters) => createDbCluster(service, parameters),
    DescribeDBClusters: (parameters) => describeDbClusters(service, parameters),
    ModifyDBCluster: (parameters) => modifyDbCluster(service, parameters),
    DeleteDBCluster: (parameters) => deleteDbCluster(service, parameters),
    CreateDBInstance: (parameters) => createDbInstance(service, holds, parameters),
    DescribeDBInstances: (parameters) => describeDbInstances(service, parameters),
    ModifyDBInstance: (parameters) => modifyDbInstance(service, holds, parameters),
    DeleteDBInstance: (parameters) => deleteDbInstance(service, holds, parameters),
    CreateDBClusterSnapshot: (parameters) => createDbClusterSnapshot(service, parameters),
    DescribeDBClusterSnapshots: (parameters) => describeDbClusterSnapshots(service, parameters),
    DeleteDBClusterSnapshot: (parameters) => deleteDbClusterSnapshot(service, parameters),
    RestoreDBClusterFromSnapshot: (parameters) => restoreDbClusterFromSnapshot(service, parameters),
    RestoreDBClusterToPointInTime: (parameters) =>
      restoreDbClusterToPointInTime(service, parameters),
    EnableHttpEndpoint: (parameters) => enableHttpEndpoint(service, parameters),
    DisableHttpEndpoint: (parameters) => disableHttpEndpoint(service, parameters),
    AddTagsToResource: (parameters) => addTagsToResource(service, parameters),
    ListTagsForResource: (parameters) => listTagsForResource(service, parameters),
  };
}
