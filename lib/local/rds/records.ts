/** A tag on a cluster, instance or snapshot. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Properties that the embedded RDS only keeps and shows: a restore has to give them again. */
export interface ClusterProperties {
  readonly engineVersion: string;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
  readonly kmsKeyId?: string;
  readonly storageEncrypted: boolean;
  readonly storageType?: string;
  readonly backupRetentionDays: number;
  readonly iamAuthentication: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly logExports: readonly string[];
  /** Aurora capacity units. */
  readonly serverless?: { readonly minCapacity: number; readonly maxCapacity: number };
}

/** Where a cluster's data is. */
export type ClusterStorage =
  | {
      /** A PostgreSQL data directory of ours, `<root>/clusters/<resourceId>/data`. */
      readonly kind: 'data-directory';
      /** Password of `rdsadmin`, the superuser that only the service itself uses. */
      readonly adminPassword: string;
    }
  | {
      /** A database that somebody else runs: it can be used, not copied. */
      readonly kind: 'external';
      readonly url: string;
    };

export interface ClusterRecord {
  /** Stays when the cluster is renamed; also names its directory. */
  readonly resourceId: string;
  readonly identifier: string;
  readonly status: 'creating' | 'available' | 'deleting' | 'failed';
  readonly storage: ClusterStorage;
  readonly masterUsername: string;
  /** Only for a password that the service manages; a restored cluster has none. */
  readonly managedSecretArn?: string;
  readonly databaseName?: string;
  /** A renamed cluster shows its Data API as on, and refuses calls until it is turned off and on. */
  readonly httpEndpoint: 'disabled' | 'enabled' | 'broken-by-rename';
  readonly deletionProtection: boolean;
  /** The last port its server had; used again when it is free. */
  readonly port?: number;
  readonly createdAt: string;
  readonly properties: ClusterProperties;
  readonly tags: readonly Tag[];
}

export interface InstanceRecord {
  readonly resourceId: string;
  readonly identifier: string;
  readonly clusterResourceId: string;
  readonly instanceClass: string;
  readonly status: 'creating' | 'available' | 'rebooting' | 'deleting' | 'failed';
  readonly createdAt: string;
  readonly tags: readonly Tag[];
}

export interface SnapshotRecord {
  readonly identifier: string;
  readonly status: 'creating' | 'available' | 'failed';
  /** 0 to 100. */
  readonly percent: number;
  readonly createdAt: string;
  /** The cluster as it was when the snapshot was taken. */
  readonly cluster: ClusterRecord;
  readonly tags: readonly Tag[];
}

/** User name and password behind a secret's ARN. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Everything the embedded RDS remembers. */
export interface RdsState {
  readonly clusters: readonly ClusterRecord[];
  readonly instances: readonly InstanceRecord[];
  readonly snapshots: readonly SnapshotRecord[];
  readonly secrets: Readonly<Record<string, Credentials>>;
}

export const EMPTY_STATE: RdsState = { clusters: [], instances: [], snapshots: [], secrets: {} };
