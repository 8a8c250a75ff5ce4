import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  EnableHttpEndpointCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, type Field, RDSDataClient } from '@aws-sdk/client-rds-data';
import type { Faults } from '../../../lib/local/http/faults.ts';
import { THROWAWAY_SETTINGS } from '../../../lib/local/postgres/server-settings.ts';
import { type Rds, startRds } from '../../../lib/local/rds/server.ts';
import { startRdsData } from '../../../lib/local/rds-data/server.ts';

export const MASTER = { username: 'harbourmaster', password: 'correct-horse' };

/** An embedded RDS with its Data API, and the real SDK clients that talk to them. */
export interface EmbeddedRds {
  readonly root: string;
  readonly rds: Rds;
  readonly client: RDSClient;
  /** First record of a statement through the Data API. */
  sql(arns: Arns, sql: string): Promise<Field[] | undefined>;
  cluster(identifier: string): Promise<DBCluster>;
  /** Polls until the cluster is available. */
  available(identifier: string): Promise<DBCluster>;
  snapshotDone(identifier: string): Promise<DBClusterSnapshot>;
  /** What an operator does after a restore: an instance, and the Data API. */
  bringUp(identifier: string): Promise<string>;
  /** Closes everything; the directory stays. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export interface Arns {
  readonly resourceArn: string;
  readonly secretArn: string;
}

const CLIENT = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};

/** @param options.root directory of an earlier one. @default - a new directory */
export async function startEmbeddedRds(
  options: { root?: string; faults?: Faults } = {},
): Promise<EmbeddedRds> {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'lockkeeper-rds-')));
  const rds = await startRds({
    root,
    serverSettings: { ...THROWAWAY_SETTINGS, shared_buffers: '16MB' },
    ...(options.faults && { faults: options.faults }),
  });
  const data = await startRdsData({ directory: rds.directory });
  const client = new RDSClient({ ...CLIENT, endpoint: rds.url });
  const dataClient = new RDSDataClient({ ...CLIENT, endpoint: data.url });

  const cluster = async (identifier: string): Promise<DBCluster> => {
    const found = await client.send(
      new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }),
    );
    return found.DBClusters?.[0] ?? {};
  };
  const until = async <T>(get: () => Promise<T>, done: (value: T) => boolean): Promise<T> => {
    for (;;) {
      const value = await get();
      if (done(value)) return value;
      await sleep(20);
    }
  };
  const available = (identifier: string): Promise<DBCluster> =>
    until(
      () => cluster(identifier),
      ({ Status }) => Status !== 'creating',
    );

  return {
    root,
    rds,
    client,
    sql: async (arns, sql) => {
      const command = new ExecuteStatementCommand({ ...arns, sql, database: 'harbour' });
      return (await dataClient.send(command)).records?.[0];
    },
    cluster,
    available,
    snapshotDone: (identifier) =>
      until(
        async () => {
          const found = await client.send(
            new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: identifier }),
          );
          return found.DBClusterSnapshots?.[0] ?? {};
        },
        ({ Status }) => Status !== 'creating',
      ),
    bringUp: async (identifier) => {
      const instance = `${identifier}-writer`;
      const { DBClusterArn: resourceArn = '' } = await available(identifier);
      await client.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: instance,
          DBClusterIdentifier: identifier,
          DBInstanceClass: 'db.serverless',
          Engine: 'aurora-postgresql',
        }),
      );
      await until(
        () => client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance })),
        ({ DBInstances }) => DBInstances?.[0]?.DBInstanceStatus !== 'creating',
      );
      await client.send(new EnableHttpEndpointCommand({ ResourceArn: resourceArn }));
      return resourceArn;
    },
    stop: async () => {
      client.destroy();
      dataClient.destroy();
      await data.close();
      await rds.close();
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
