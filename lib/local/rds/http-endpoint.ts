import { resourceNotFound } from './errors.ts';
import { clusterArn } from './names.ts';
import type { QueryParameters, XmlMembers } from './query-protocol.ts';
import { changeCluster, type RdsService } from './service.ts';

/** `EnableHttpEndpoint`: turns the Data API on. It stays broken after a rename until turned off first. */
export async function enableHttpEndpoint(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  return turn(service, parameters, true);
}

/** `DisableHttpEndpoint`: turns the Data API off. */
export async function disableHttpEndpoint(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  return turn(service, parameters, false);
}

async function turn(
  service: RdsService,
  parameters: QueryParameters,
  on: boolean,
): Promise<XmlMembers> {
  const arn = parameters.required('ResourceArn');
  const { clusters } = service.file.current();
  const cluster = clusters.find(({ identifier }) => clusterArn(identifier) === arn);
  if (cluster === undefined) throw resourceNotFound(arn);
  await changeCluster(service, cluster.resourceId, (record) => ({
    ...record,
    httpEndpoint: on
      ? record.httpEndpoint === 'disabled'
        ? 'enabled'
        : record.httpEndpoint
      : 'disabled',
  }));
  return { ResourceArn: arn, HttpEndpointEnabled: on };
}
