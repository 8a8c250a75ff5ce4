import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandInput,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type ExecuteStatementCommandOutput,
  RDSDataClient,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import type { Faults } from '../../../lib/local/http/faults.ts';
import { singleCluster } from '../../../lib/local/rds-data/cluster-directory.ts';
import type { DataApiLimits } from '../../../lib/local/rds-data/limits.ts';
import { startRdsData } from '../../../lib/local/rds-data/server.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';

export const resourceArn = 'arn:aws:rds:us-east-1:000000000000:cluster:harbour';
export const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:harbour-AbCdEf';

type Statement = Partial<ExecuteStatementCommandInput>;

/** A Data API on a database of its own, and the real SDK client that talks to it. */
export interface DataApi {
  readonly url: string;
  readonly database: TestDatabase;
  readonly client: RDSDataClient;
  execute(sql: string, more?: Statement): Promise<ExecuteStatementCommandOutput>;
  /** First column of the first record. */
  value(sql: string, more?: Statement): Promise<unknown>;
  batch(sql: string, sets: BatchExecuteStatementCommandInput['parameterSets']): Promise<unknown>;
  begin(): Promise<string>;
  commit(transactionId: string): Promise<string | undefined>;
  rollback(transactionId: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function startDataApi(
  options: { limits?: Partial<DataApiLimits>; faults?: Faults } = {},
): Promise<DataApi> {
  const database = await freshDatabase();
  const directory = singleCluster({ resourceArn, secretArn, url: database.url });
  const server = await startRdsData({ directory, ...options });
  const client = new RDSDataClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const target = { resourceArn, secretArn };
  const execute = (sql: string, more: Statement = {}): Promise<ExecuteStatementCommandOutput> =>
    client.send(
      new ExecuteStatementCommand({
        ...target,
        sql,
        ...(more.transactionId === undefined && { database: database.name }),
        ...more,
      }),
    );
  return {
    url: server.url,
    database,
    client,
    execute,
    value: async (sql, more) => (await execute(sql, more)).records?.[0]?.[0],
    batch: (sql, parameterSets) =>
      client.send(
        new BatchExecuteStatementCommand({
          ...target,
          database: database.name,
          sql,
          parameterSets,
        }),
      ),
    begin: async () => {
      const begun = await client.send(
        new BeginTransactionCommand({ ...target, database: database.name }),
      );
      return begun.transactionId ?? '';
    },
    commit: async (transactionId) =>
      (await client.send(new CommitTransactionCommand({ ...target, transactionId })))
        .transactionStatus,
    rollback: async (transactionId) =>
      (await client.send(new RollbackTransactionCommand({ ...target, transactionId })))
        .transactionStatus,
    close: async () => {
      client.destroy();
      await server.close();
      await database.drop();
    },
  };
}
