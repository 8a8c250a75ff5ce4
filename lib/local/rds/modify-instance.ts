import {
  instanceAlreadyExists,
  invalidInstanceState,
  invalidParameterCombination,
} from './errors.ts';
import type { InstanceHolds } from './instance-holds.ts';
import { checkIdentifier } from './names.ts';
import type { QueryParameters, XmlMembers } from './query-protocol.ts';
import type { InstanceRecord } from './records.ts';
import { findInstance, type RdsService, servedCluster } from './service.ts';
import { instanceShape } from './shapes.ts';

/**
 * `ModifyDBInstance`: renames. The instance restarts with it, which ends every connection, as it
 * does on AWS. Needs `ApplyImmediately`: the embedded RDS has no maintenance window.
 */
export async function modifyDbInstance(
  service: RdsService,
  holds: InstanceHolds,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const state = service.file.current();
  const instance = findInstance(state, parameters.required('DBInstanceIdentifier'));
  const identifier = checkIdentifier(
    'NewDBInstanceIdentifier',
    parameters.required('NewDBInstanceIdentifier'),
    63,
  );
  if (parameters.flag('ApplyImmediately') !== true) {
    throw invalidParameterCombination(
      'NewDBInstanceIdentifier without ApplyImmediately waits for a maintenance window, which the embedded rds does not have. Set ApplyImmediately.',
    );
  }
  if (instance.status !== 'available') {
    throw invalidInstanceState(
      `Instance ${instance.identifier} is in state ${instance.status}, it must be available.`,
    );
  }
  if (state.instances.some((one) => one.identifier === identifier)) {
    throw instanceAlreadyExists(identifier);
  }
  const cluster = state.clusters.find((one) => one.resourceId === instance.clusterResourceId);
  if (cluster !== undefined) servedCluster(cluster, 'rename its instance');
  const renamed: InstanceRecord = { ...instance, identifier, status: 'rebooting' };
  await replace(service, renamed);
  service.background.run(
    `restarting the instance ${identifier}`,
    async () => {
      await holds.stop(renamed);
      await holds.start(renamed);
    },
    () => replace(service, { ...renamed, status: 'failed' }),
  );
  return { DBInstance: instanceShape(service.file.current(), renamed) };
}

function replace(service: RdsService, instance: InstanceRecord): Promise<void> {
  return service.file.change((state) => ({
    ...state,
    instances: state.instances.map((one) =>
      one.resourceId === instance.resourceId ? instance : one,
    ),
  }));
}
