import type { EpochMs } from '../core/ids.ts';

/**
 * The database service around the target: snapshots, restore, cluster configuration (Amazon RDS).
 * Every call is idempotent by name, so a retried step finds what it made before.
 */
export interface ClusterService {
  /** Everything a restore must be told because a snapshot does not carry it. */
  describeCluster(clusterIdentifier: string): Promise<ClusterDescription>;
  /** Starts a snapshot, or finds the one of that name and the same cluster already there. */
  startSnapshot(request: SnapshotRequest): Promise<SnapshotState>;
  snapshotState(snapshotIdentifier: string): Promise<SnapshotState>;
  listSnapshots(clusterIdentifier: string): Promise<readonly SnapshotSummary[]>;
  /** Starts the restore into a new cluster, or finds the one already there. */
  startRestore(request: RestoreRequest): Promise<RestoredCluster>;
  /** The same from the continuous backup of a cluster. */
  startRestoreToTime(request: PointInTimeRequest): Promise<RestoredCluster>;
  restoredCluster(clusterIdentifier: string): Promise<RestoredCluster>;
  /** Undefined when no cluster has that name, also while one is being renamed to it. */
  findCluster(clusterIdentifier: string): Promise<RestoredCluster | undefined>;
  /** A restored cluster has no instance, so nothing can connect until this is called. */
  createInstance(request: InstanceRequest): Promise<void>;
  /** A restored cluster has its Data API off. */
  enableDataApi(clusterArn: string): Promise<void>;
  /** A renamed cluster's Data API works again once it was turned off and on. */
  disableDataApi(clusterArn: string): Promise<void>;
  /** Starts a rename; name, endpoint and ARN change together, a little later. */
  renameCluster(from: string, to: string): Promise<void>;
  /** Starts a rename, which restarts the instance. */
  renameInstance(from: string, to: string): Promise<void>;
  /** A protected cluster cannot be deleted. */
  protectCluster(clusterIdentifier: string): Promise<void>;
  /** Every cluster of the account and region, whoever made it. */
  listClusters(): Promise<readonly RestoredCluster[]>;
  /** Starts the deletion. */
  deleteInstance(instanceIdentifier: string): Promise<void>;
  /** Starts the deletion; its instances must be gone or going. No final snapshot is taken. */
  deleteCluster(clusterIdentifier: string): Promise<void>;
  /** Adds tags, or gives them another value. */
  tagCluster(clusterArn: string, tags: Readonly<Record<string, string>>): Promise<void>;
}

/** What DescribeDBClusters and DescribeDBInstances said, reduced to what a restore needs. */
export interface ClusterDescription {
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
  readonly status: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly port: number | undefined;
  readonly subnetGroup: string | undefined;
  readonly securityGroupIds: readonly string[];
  readonly parameterGroup: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly storageType: string | undefined;
  readonly serverlessScaling:
    | { readonly minCapacity: number; readonly maxCapacity: number }
    | undefined;
  readonly iamAuthentication: boolean;
  readonly deletionProtection: boolean;
  readonly dataApiEnabled: boolean;
  readonly logExports: readonly string[];
  readonly backupRetentionDays: number | undefined;
  readonly copyTagsToSnapshot: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly instances: readonly InstanceDescription[];
  /** Point-in-time restore reaches back to here, and forward to there. */
  readonly earliestRestorableTime: EpochMs | undefined;
  readonly latestRestorableTime: EpochMs | undefined;
}

export interface InstanceDescription {
  readonly instanceIdentifier: string;
  readonly instanceClass: string;
  readonly isWriter: boolean;
  readonly publiclyAccessible: boolean;
}

export interface SnapshotRequest {
  readonly clusterIdentifier: string;
  /** 1 to 63 letters, digits and hyphens, starting with a letter. */
  readonly snapshotIdentifier: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type SnapshotState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'creating'; readonly percent: number }
  | { readonly kind: 'available'; readonly snapshot: SnapshotSummary }
  | { readonly kind: 'failed'; readonly status: string };

export interface SnapshotSummary {
  readonly snapshotIdentifier: string;
  readonly snapshotArn: string;
  readonly clusterIdentifier: string;
  /** When RDS says the snapshot was taken; writes after it are not in it. */
  readonly createdAt: EpochMs;
  readonly status: string;
  readonly percent: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RestoreRequest {
  readonly snapshotIdentifier: string;
  readonly newClusterIdentifier: string;
  /** The captured configuration of the original cluster. */
  readonly configuration: ClusterDescription;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PointInTimeRequest {
  readonly sourceClusterIdentifier: string;
  /** Undefined: the latest restorable time. */
  readonly at: EpochMs | undefined;
  readonly newClusterIdentifier: string;
  /** The configuration of the source. */
  readonly configuration: ClusterDescription;
  readonly tags: Readonly<Record<string, string>>;
}

export interface InstanceRequest {
  readonly clusterIdentifier: string;
  readonly instanceIdentifier: string;
  readonly instanceClass: string;
  readonly engine: string;
  readonly publiclyAccessible: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RestoredCluster {
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
  /** RDS status, such as `creating`, `available`. */
  readonly status: string;
  readonly dataApiEnabled: boolean;
  readonly deletionProtection: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly instances: readonly { readonly instanceIdentifier: string; readonly status: string }[];
}
