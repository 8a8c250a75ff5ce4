import {
  instanceInput,
  pointInTimeInput,
  protectInput,
  renameClusterInput,
  renameInstanceInput,
  restoreInput,
  tagInput,
} from '../aws/rds/restore-inputs.ts';
import type { EpochMs } from '../core/ids.ts';
import { keptName } from '../core/restore/names.ts';
import { PUT_ASIDE, restoredTags, TAKING_OVER } from '../engine/restore/context.ts';
import type { PreparedOrder } from '../engine/restore/prepare-order.ts';
import { DATA_API_TOGGLED } from '../engine/restore/take-over.ts';
import type { ClusterDescription } from '../ports/cluster-service.ts';

/** One call that changes something, as it would be sent. */
export interface PlannedCall {
  /** The state of the state machine that makes it. */
  readonly state: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface PlannedCallsContext extends PreparedOrder {
  /** The original cluster as it is now; undefined when it is gone. */
  readonly original: ClusterDescription | undefined;
  /** When it would be ordered. */
  readonly now: EpochMs;
}

/** Every changing call of a restore to RDS, in order. A call whose effect is there already is left out when it runs. */
export function plannedCalls(context: PlannedCallsContext): readonly PlannedCall[] {
  const beside = callsBeside(context);
  return context.order.takeOver ? [...beside, ...callsOfTakeover(context)] : beside;
}

function callsBeside({ order, configuration, now }: PlannedCallsContext): readonly PlannedCall[] {
  const { names, source } = order;
  const tags = restoredTags(order, configuration, now);
  const request = { newClusterIdentifier: names.restored, configuration, tags };
  const writer = configuration.instances.find((instance) => instance.isWriter);
  return [
    source.kind === 'snapshot'
      ? call('Restore cluster', 'RestoreDBClusterFromSnapshot', {
          ...restoreInput({ ...request, snapshotIdentifier: source.snapshotIdentifier }),
        })
      : call('Restore cluster', 'RestoreDBClusterToPointInTime', {
          ...pointInTimeInput({
            ...request,
            sourceClusterIdentifier: names.original,
            at: source.at,
          }),
        }),
    call('Create instance', 'CreateDBInstance', {
      ...instanceInput({
        clusterIdentifier: names.restored,
        instanceIdentifier: names.restoredWriter,
        instanceClass: writer?.instanceClass ?? '',
        engine: configuration.engine,
        publiclyAccessible: writer?.publiclyAccessible ?? false,
        tags,
      }),
    }),
    call('Turn on Data API', 'EnableHttpEndpoint', {
      ResourceArn: arnOf(configuration, names.restored),
    }),
  ];
}

function callsOfTakeover(context: PlannedCallsContext): readonly PlannedCall[] {
  const { order, configuration, original, restoreId } = context;
  const { names } = order;
  const arn = (name: string) => arnOf(configuration, name);
  const mark = (name: string, tag: string) =>
    call('Protect both clusters', 'AddTagsToResource', {
      ...tagInput(arn(name), { [tag]: restoreId }),
    });
  const protect = (name: string) =>
    call('Protect both clusters', 'ModifyDBCluster', { ...protectInput(name) });
  const aside =
    original === undefined
      ? []
      : [
          mark(names.original, PUT_ASIDE),
          ...(original.deletionProtection ? [] : [protect(names.original)]),
        ];
  const away =
    original === undefined
      ? []
      : [
          call('Rename old cluster', 'ModifyDBCluster', {
            ...renameClusterInput(names.original, names.kept),
          }),
          ...original.instances.map(({ instanceIdentifier }) =>
            call('Rename old cluster', 'ModifyDBInstance', {
              ...renameInstanceInput(instanceIdentifier, keptName(instanceIdentifier, restoreId)),
            }),
          ),
        ];
  const toggled = original === undefined ? [names.original] : [names.original, names.kept];
  return [
    ...aside,
    mark(names.restored, TAKING_OVER),
    protect(names.restored),
    ...away,
    call('Rename restored cluster', 'ModifyDBCluster', {
      ...renameClusterInput(names.restored, names.original),
    }),
    call('Rename restored cluster', 'ModifyDBInstance', {
      ...renameInstanceInput(names.restoredWriter, names.originalWriter),
    }),
    ...toggled.flatMap((name) => [
      call('Turn Data API off and on', 'DisableHttpEndpoint', { ResourceArn: arn(name) }),
      call('Turn Data API off and on', 'AddTagsToResource', {
        ...tagInput(arn(name), { [DATA_API_TOGGLED]: restoreId }),
      }),
      call('Turn Data API off and on', 'EnableHttpEndpoint', { ResourceArn: arn(name) }),
    ]),
  ];
}

function arnOf({ clusterArn }: ClusterDescription, name: string): string {
  return `${clusterArn.slice(0, clusterArn.lastIndexOf(':') + 1)}${name}`;
}

function call(
  state: string,
  operation: string,
  input: Readonly<Record<string, unknown>>,
): PlannedCall {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return { state, operation, input: Object.fromEntries(given) };
}
