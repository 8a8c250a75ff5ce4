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

  /** Makes a new cluster of a snapshot and tries it out. Nothing here can touch the cluster itself. */
  grantRestore(grantee: iam.IGrantable): iam.Grant {
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
      // Turns the Data API on; sets the master password when it was changed since the snapshot.
      .combine(allow(grantee, ['rds:EnableHttpEndpoint', 'rds:ModifyDBCluster'], [restored]))
      .combine(allow(grantee, ['rds:AddTagsToResource'], [restored, instances]))
      .combine(allow(grantee, ['rds:ListTagsForResource'], [restored, instances, snapshots]))
      .combine(
        allow(
          grantee,
          ['rds:DescribeDBClusters', 'rds:DescribeDBClusterSnapshots', 'rds:DescribeDBInstances'],
          ['cluster', 'cluster-snapshot', 'db'].map((type) => this.#arn(type, '*')),
        ),
      )
      .combine(this.#grantSqlOn(grantee, restored));
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
