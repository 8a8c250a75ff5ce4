import {
  AddTagsToResourceCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { ClusterService } from '../../ports/cluster-service.ts';
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

/**
 * What one cluster needs to take the name of another. A rename is not idempotent (the second one
 * finds no cluster of that name), so whoever asks looks first.
 */
export function takeovers(client: RDSClient, api: RdsApi): Takeovers {
  const attempt = async (action: string, send: () => Promise<unknown>): Promise<void> => {
    try {
      await api.call(action, send);
    } catch (error) {
      throw restoreError(action, error);
    }
  };

  return {
    renameCluster: (from, to) =>
      attempt(`rename the cluster ${from} to ${to}`, () =>
        client.send(new ModifyDBClusterCommand(renameClusterInput(from, to))),
      ),
    renameInstance: (from, to) =>
      attempt(`rename the instance ${from} to ${to}`, () =>
        client.send(new ModifyDBInstanceCommand(renameInstanceInput(from, to))),
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
