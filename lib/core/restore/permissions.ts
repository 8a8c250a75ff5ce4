import type { ClusterNames } from './order.ts';

/** An action and the names that it is needed on. */
export interface Permission {
  readonly actions: readonly string[];
  /** Names of clusters, snapshots and so on; `*` where the service cannot be told. */
  readonly on: string;
}

const DATA_API = [
  'rds-data:BeginTransaction',
  'rds-data:CommitTransaction',
  'rds-data:ExecuteStatement',
  'rds-data:RollbackTransaction',
];

/** What the functions of a restore need; their roles have it from the deployed stack. */
export function permissionsOf(
  names: ClusterNames,
  what: {
    readonly pointInTime: boolean;
    readonly takeOver: boolean;
    readonly kmsKeyId: string | undefined;
  },
): readonly Permission[] {
  const make = what.pointInTime
    ? 'rds:RestoreDBClusterToPointInTime'
    : 'rds:RestoreDBClusterFromSnapshot';
  return [
    { actions: [make], on: `${names.restored}, its source, subnet and parameter groups` },
    { actions: ['rds:CreateDBInstance'], on: names.restoredWriter },
    { actions: ['rds:AddTagsToResource', 'rds:EnableHttpEndpoint'], on: names.restored },
    {
      actions: [
        'rds:DescribeDBClusters',
        'rds:DescribeDBInstances',
        ...(what.pointInTime ? [] : ['rds:DescribeDBClusterSnapshots']),
      ],
      on: '*',
    },
    { actions: DATA_API, on: names.restored },
    { actions: ['secretsmanager:GetSecretValue'], on: 'the secret of the target' },
    ...(what.kmsKeyId === undefined
      ? []
      : [{ actions: ['kms:CreateGrant', 'kms:DescribeKey'], on: what.kmsKeyId }]),
    ...(what.takeOver ? takeoverPermissions(names) : []),
  ];
}

function takeoverPermissions(names: ClusterNames): readonly Permission[] {
  return [
    {
      actions: [
        'rds:ModifyDBCluster',
        'rds:AddTagsToResource',
        'rds:DisableHttpEndpoint',
        'rds:EnableHttpEndpoint',
      ],
      on: `${names.original}, ${names.restored}, ${names.kept}`,
    },
    { actions: ['rds:ModifyDBInstance'], on: 'the instances of both' },
    { actions: DATA_API, on: names.original },
  ];
}
