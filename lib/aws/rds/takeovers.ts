import {
  AddTagsToResourceCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { ClusterService } from '../../ports/cluster-service.ts';
import { errorName } from '../service-error.ts';
import type { RdsApi } from './rds-api.ts';
import { restoreError } from './restore-error.ts';
import {
  protectInput,
  renameClusterInput,
  renameInstanceInput,
  tagInput,
} from './restore-inputs.ts';

type Takeovers = Pick<
  ClusterService,
  'renameCluster' | 'renameInstance' | 'protectCluster' | 'tagCluster'
>;

/** The SDK sends a call again whose answer was lost; the second rename finds nothing of that name. */
const RENAMED = /^(?:DBClusterNotFoundFault|DBInstanceNotFound(?:Fault)?)$/;

/**
 * What one cluster needs to take the name of another. Whoever asks for a rename looks first, and
 * looks again afterwards: that nothing has the old name any more is no failure here.
 */
export function takeovers(client: RDSClient, api: RdsApi): Takeovers {
  const attempt = async (
    action: string,
    send: () => Promise<unknown>,
    harmless?: RegExp,
  ): Promise<void> => {
    try {
      await api.call(action, send);
    } catch (error) {
      if (harmless?.test(errorName(error))) return;
      throw restoreError(action, error);
    }
  };

  return {
    renameCluster: (from, to) =>
      attempt(
        `rename the cluster ${from} to ${to}`,
        () => client.send(new ModifyDBClusterCommand(renameClusterInput(from, to))),
        RENAMED,
      ),
    renameInstance: (from, to) =>
      attempt(
        `rename the instance ${from} to ${to}`,
        () => client.send(new ModifyDBInstanceCommand(renameInstanceInput(from, to))),
        RENAMED,
      ),
    protectCluster: (clusterIdentifier) =>
      attempt(`protect the cluster ${clusterIdentifier}`, () =>
        client.send(new ModifyDBClusterCommand(protectInput(clusterIdentifier))),
      ),
    tagCluster: (clusterArn, tags) =>
      attempt(`tag ${clusterArn}`, () =>
        client.send(new AddTagsToResourceCommand(tagInput(clusterArn, tags))),
      ),
  };
}
