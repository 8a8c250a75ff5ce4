import { invalidParameterValue, missingParameter } from './errors.ts';
import type { QueryParameters, XmlMembers } from './query-protocol.ts';
import type { RdsState, Tag } from './records.ts';
import { findCluster, findInstance, findSnapshot, type RdsService } from './service.ts';
import { tagList } from './shapes.ts';

/** Tags of a request: `Tags.Tag.1.Key` and so on. */
export function tagsOf(parameters: QueryParameters): readonly Tag[] {
  return parameters
    .list('Tags.Tag')
    .map((tag) => ({ key: tag.required('Key'), value: tag.text('Value') ?? '' }));
}

/** `AddTagsToResource`: a tag of the same key is replaced. */
export async function addTagsToResource(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const added = tagsOf(parameters);
  if (added.length === 0) throw missingParameter('Tags');
  const keys = new Set(added.map((tag) => tag.key));
  const arn = parameters.required('ResourceName');
  const { kind, identifier } = taggedResource(service.file.current(), arn);
  const tagged = <T extends { readonly identifier: string; readonly tags: readonly Tag[] }>(
    records: readonly T[],
  ): readonly T[] =>
    records.map((record) =>
      record.identifier === identifier
        ? { ...record, tags: [...record.tags.filter((tag) => !keys.has(tag.key)), ...added] }
        : record,
    );
  await service.file.change((state) => ({
    ...state,
    ...(kind === 'cluster' && { clusters: tagged(state.clusters) }),
    ...(kind === 'db' && { instances: tagged(state.instances) }),
    ...(kind === 'cluster-snapshot' && { snapshots: tagged(state.snapshots) }),
  }));
  return {};
}

/** `ListTagsForResource` */
export async function listTagsForResource(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const resource = taggedResource(service.file.current(), parameters.required('ResourceName'));
  return { TagList: tagList(resource.tags) };
}

function taggedResource(
  state: RdsState,
  arn: string,
): {
  readonly kind: 'cluster' | 'db' | 'cluster-snapshot';
  readonly identifier: string;
  readonly tags: readonly Tag[];
} {
  const kind = /^arn:aws:rds:[^:]*:[^:]*:([^:]+):/.exec(arn)?.[1];
  switch (kind) {
    case 'cluster':
      return { kind, ...findCluster(state, arn) };
    case 'db':
      return { kind, ...findInstance(state, arn) };
    case 'cluster-snapshot':
      return { kind, ...findSnapshot(state, arn) };
    default:
      throw invalidParameterValue(`Invalid resource name: ${arn}`);
  }
}
