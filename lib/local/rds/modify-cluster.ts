import { randomBytes } from 'node:crypto';
import { checkPassword, newClusterIdentifier } from './clusters.ts';
import { invalidParameterCombination } from './errors.ts';
import { changeMasterPassword } from './master-account.ts';
import { secretArnOf } from './names.ts';
import type { QueryParameters, XmlMembers } from './query-protocol.ts';
import type { ClusterRecord } from './records.ts';
import {
  changeCluster,
  findCluster,
  type RdsService,
  requireAvailable,
  servedCluster,
} from './service.ts';
import { clusterShape } from './shapes.ts';

/**
 * `ModifyDBCluster`: renames, changes the master password, the deletion protection or the
 * capacity. A rename needs `ApplyImmediately`: the embedded RDS has no maintenance window.
 */
export async function modifyDbCluster(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const cluster = findCluster(service.file.current(), parameters.required('DBClusterIdentifier'));
  requireAvailable(cluster);
  const renamed = renameOf(service, parameters);
  await changePassword(service, cluster, parameters);
  const protection = parameters.flag('DeletionProtection');
  const minCapacity = parameters.number('ServerlessV2ScalingConfiguration.MinCapacity');
  const maxCapacity = parameters.number('ServerlessV2ScalingConfiguration.MaxCapacity');
  await changeCluster(service, cluster.resourceId, (record) => ({
    ...record,
    ...(protection !== undefined && { deletionProtection: protection }),
    ...(minCapacity !== undefined &&
      maxCapacity !== undefined && {
        properties: { ...record.properties, serverless: { minCapacity, maxCapacity } },
      }),
    ...(renamed !== undefined && {
      identifier: renamed,
      // As on AWS: the Data API of a renamed cluster must be turned off and on again.
      httpEndpoint: record.httpEndpoint === 'disabled' ? 'disabled' : 'broken-by-rename',
    }),
  }));
  const state = service.file.current();
  return { DBCluster: clusterShape(state, findCluster(state, renamed ?? cluster.identifier)) };
}

function renameOf(service: RdsService, parameters: QueryParameters): string | undefined {
  if (parameters.text('NewDBClusterIdentifier') === undefined) return undefined;
  if (parameters.flag('ApplyImmediately') !== true) {
    throw invalidParameterCombination(
      'NewDBClusterIdentifier without ApplyImmediately waits for a maintenance window, which the embedded rds does not have. Set ApplyImmediately.',
    );
  }
  return newClusterIdentifier(service, parameters, 'NewDBClusterIdentifier');
}

/** A password given by hand leaves every secret as it is; a managed one gets a new secret. */
async function changePassword(
  service: RdsService,
  cluster: ClusterRecord,
  parameters: QueryParameters,
): Promise<void> {
  const given = parameters.text('MasterUserPassword');
  const managed = parameters.flag('ManageMasterUserPassword') ?? false;
  if (given === undefined && !managed) return;
  if (given !== undefined && managed) {
    throw invalidParameterCombination(
      'You can’t specify both ManageMasterUserPassword and MasterUserPassword.',
    );
  }
  const password =
    given === undefined ? randomBytes(21).toString('base64url') : checkPassword(given);
  const master = { username: cluster.masterUsername, password };
  const hold = await service.servers.hold(servedCluster(cluster, 'change its password'));
  try {
    await changeMasterPassword(hold.server.url(), master);
  } finally {
    await hold.release();
  }
  if (!managed) return;
  const managedSecretArn = secretArnOf(`rds!${cluster.resourceId}`);
  await service.file.change((state) => ({
    ...state,
    secrets: { ...state.secrets, [managedSecretArn]: master },
  }));
  await changeCluster(service, cluster.resourceId, (record) => ({ ...record, managedSecretArn }));
}
