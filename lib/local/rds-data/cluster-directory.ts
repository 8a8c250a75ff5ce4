/** Where a Data API call goes, or why it cannot go anywhere. */
export type ClusterResolution =
  | {
      readonly kind: 'ready';
      /** `postgres://user:password@host:port`, possibly with `?sslmode=`; the database is added per call. */
      readonly serverUrl: string;
    }
  | { readonly kind: 'unknown-cluster' }
  /** The cluster exists, its Data API is off (or has not been turned on again after a rename). */
  | { readonly kind: 'endpoint-disabled' }
  /** The cluster is storage only: it has no instance that could run a statement. */
  | { readonly kind: 'no-instance' }
  /** The writer exists and does not answer. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'unknown-secret' };

/** Knows clusters and secrets by ARN: the embedded RDS, or one fixed database. */
export interface ClusterDirectory {
  resolve(resourceArn: string, secretArn: string): Promise<ClusterResolution>;
}

/** A directory with exactly one database behind one pair of ARNs. */
export function singleCluster(options: {
  readonly resourceArn: string;
  readonly secretArn: string;
  /** Connection string whose credentials the secret stands for. */
  readonly url: string;
}): ClusterDirectory {
  return {
    resolve: async (resourceArn, secretArn) => {
      if (resourceArn !== options.resourceArn) return { kind: 'unknown-cluster' };
      if (secretArn !== options.secretArn) return { kind: 'unknown-secret' };
      return { kind: 'ready', serverUrl: options.url };
    },
  };
}
