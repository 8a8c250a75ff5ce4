import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface TargetDatabaseProps {
  readonly cluster: rds.IDatabaseCluster;
  readonly secret: secretsmanager.ISecret;
  /** @default - the key that RDS manages, which needs no permission */
  readonly storageKey?: kms.IKey;
}

/** Every name that the product gives to a snapshot or to a restored cluster has this in it. */
const SNAPSHOT_NAMES = 'lockkeeper-*';
const RESTORED_NAMES = '*-restored-*';
const KEPT_NAMES = '*-before-restore-*';

const DATA_API_ACTIONS = [
  'rds-data:BatchExecuteStatement',
  'rds-data:BeginTransaction',
  'rds-data:CommitTransaction',
  'rds-data:ExecuteStatement',
  'rds-data:RollbackTransaction',
];

/** The cluster that migrations change: grants as narrow as its services can be told. */
export class TargetDatabase extends Construct {
  readonly cluster: rds.IDatabaseCluster;
  readonly secret: secretsmanager.ISecret;
  readonly #storageKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, props: TargetDatabaseProps) {
    super(scope, id);
    this.cluster = props.cluster;
    this.secret = props.secret;
    this.#storageKey = props.storageKey;
  }

  /** Statements through the Data API, as the user of the secret. */
  grantSql(grantee: iam.IGrantable): iam.Grant {
    return this.#grantSqlOn(grantee, this.cluster.clusterArn);
  }

  /** Its metrics in CloudWatch, which knows no narrower permission than to read any metric. */
  grantMetrics(grantee: iam.IGrantable): iam.Grant {
    return allow(grantee, ['cloudwatch:GetMetricData'], ['*']);
  }

  /** Snapshots of this cluster, and what a restore must be told about it. */
  grantSnapshot(grantee: iam.IGrantable): iam.Grant {
    const cluster = this.cluster.clusterArn;
    const snapshots = this.#arn('cluster-snapshot', SNAPSHOT_NAMES);
    // Describing snapshots by cluster or name, and instances by cluster, is checked against any
    // name.
    return allow(grantee, ['rds:CreateDBClusterSnapshot'], [cluster, snapshots])
      .combine(allow(grantee, ['rds:AddTagsToResource'], [snapshots]))
      .combine(allow(grantee, ['rds:ListTagsForResource'], [cluster, snapshots]))
      .combine(allow(grantee, ['rds:DescribeDBClusters'], [cluster]))
      .combine(
        allow(
          grantee,
          ['rds:DescribeDBClusterSnapshots'],
          [cluster, this.#arn('cluster-snapshot', '*')],
        ),
      )
      .combine(allow(grantee, ['rds:DescribeDBInstances'], [this.#arn('db', '*')]));
  }

  /** Makes a new cluster and tries it out, by hand. Nothing here can touch the cluster itself. */
  grantRestore(grantee: iam.IGrantable): iam.Grant {
    // Sets the master password when it was changed since the snapshot.
    return this.grantRestoreCluster(grantee)
      .combine(allow(grantee, ['rds:ModifyDBCluster'], [this.#arn('cluster', RESTORED_NAMES)]))
      .combine(this.grantRestoredSql(grantee));
  }

  /** Statements on a restored cluster, as the user of the secret. */
  grantRestoredSql(grantee: iam.IGrantable): iam.Grant {
    return this.#grantSqlOn(grantee, this.#arn('cluster', RESTORED_NAMES));
  }

  /** Describing by name or filter is checked against any name; there is nothing secret in it. */
  grantLook(grantee: iam.IGrantable): iam.Grant {
    return allow(
      grantee,
      ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
      ['cluster', 'db'].map((type) => this.#arn(type, '*')),
    );
  }

  /**
   * Lets a restored cluster take the name of this one, and this one be put aside. Only the instances
   * may have any name: those of the cluster are not known when this is deployed.
   */
  grantTakeOver(grantee: iam.IGrantable): iam.Grant {
    const clusters = [
      this.cluster.clusterArn,
      this.#arn('cluster', RESTORED_NAMES),
      this.#arn('cluster', KEPT_NAMES),
    ];
    return allow(
      grantee,
      [
        'rds:ModifyDBCluster',
        'rds:AddTagsToResource',
        'rds:EnableHttpEndpoint',
        'rds:DisableHttpEndpoint',
      ],
      clusters,
    )
      .combine(allow(grantee, ['rds:ModifyDBInstance'], [this.#arn('db', '*')]))
      .combine(this.grantLook(grantee));
  }

  /**
   * Removes restored clusters, and their instances, that carry the time of their expiry and do not
   * take over. AWS checks the tags; the function checks the time as well.
   */
  grantSweep(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['rds:DeleteDBCluster', 'rds:DeleteDBInstance'],
      resourceArns: [this.#arn('cluster', RESTORED_NAMES), this.#arn('db', RESTORED_NAMES)],
      conditions: {
        StringLike: { 'aws:ResourceTag/lockkeeper:expires': '*' },
        Null: {
          'aws:ResourceTag/lockkeeper:taking-over': 'true',
          'aws:ResourceTag/lockkeeper:put-aside-by': 'true',
        },
      },
    }).combine(this.grantLook(grantee));
  }

  /** Makes a new cluster of a snapshot, or of a time, with an instance and the Data API. */
  grantRestoreCluster(grantee: iam.IGrantable): iam.Grant {
    const restored = this.#arn('cluster', RESTORED_NAMES);
    const instances = this.#arn('db', RESTORED_NAMES);
    const snapshots = this.#arn('cluster-snapshot', SNAPSHOT_NAMES);
    const settings = ['subgrp', 'cluster-pg', 'pg', 'og'].map((type) => this.#arn(type, '*'));
    const grant = allow(
      grantee,
      ['rds:RestoreDBClusterFromSnapshot'],
      [restored, snapshots, ...settings],
    )
      .combine(allow(grantee, ['rds:CreateDBInstance'], [restored, instances, ...settings]))
      .combine(
        allow(
          grantee,
          ['rds:RestoreDBClusterToPointInTime'],
          [this.cluster.clusterArn, restored, ...settings],
        ),
      )
      .combine(allow(grantee, ['rds:EnableHttpEndpoint'], [restored]))
      .combine(allow(grantee, ['rds:AddTagsToResource'], [restored, instances]))
      .combine(allow(grantee, ['rds:ListTagsForResource'], [restored, instances, snapshots]))
      .combine(
        allow(
          grantee,
          ['rds:DescribeDBClusters', 'rds:DescribeDBClusterSnapshots', 'rds:DescribeDBInstances'],
          ['cluster', 'cluster-snapshot', 'db'].map((type) => this.#arn(type, '*')),
        ),
      );
    if (this.#storageKey === undefined) return grant;
    // RDS creates its own grant on the key on behalf of whoever restores.
    return grant.combine(
      allow(grantee, ['kms:DescribeKey', 'kms:CreateGrant'], [this.#storageKey.keyArn]),
    );
  }

  #grantSqlOn(grantee: iam.IGrantable, clusterArn: string): iam.Grant {
    const { secretArn, encryptionKey } = this.secret;
    encryptionKey?.grantDecrypt(grantee);
    return allow(grantee, DATA_API_ACTIONS, [clusterArn]).combine(
      allow(grantee, ['secretsmanager:GetSecretValue'], [secretArn]),
    );
  }

  #arn(type: string, name: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:rds:${region}:${account}:${type}:${name}`;
  }
}

function allow(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
}
