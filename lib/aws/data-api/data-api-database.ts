import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type ExecuteStatementCommandOutput,
  type RDSDataClient,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import type { Clock } from '../../ports/clock.ts';
import {
  type Database,
  DatabaseError,
  type Parameters,
  type Session,
} from '../../ports/database.ts';
import {
  type OpenTransaction,
  refuseUnsendable,
  runTransaction,
} from '../../ports/transaction-rules.ts';
import { withPatience } from '../patience.ts';
import { toRows, toSqlParameters } from './cells.ts';
import { isStatementTimeout, refusalOf, translateDataApiError } from './translate-error.ts';

/** Which database, as whom, and through which client (see `dataApiClient`). */
export interface DataApiOptions {
  readonly client: RDSDataClient;
  readonly clock: Clock;
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** A `Database` over the RDS Data API: no connection, no network path into the VPC. */
export function dataApiDatabase(options: DataApiOptions): Database {
  const { client, clock } = options;
  const target = { resourceArn: options.clusterArn, secretArn: options.secretArn };

  const call = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      return await withPatience(clock, refusalOf, send);
    } catch (error) {
      throw translateDataApiError(error);
    }
  };

  const run = (
    sql: string,
    parameters: Parameters,
    more: Partial<ExecuteStatementCommandInput> = {},
  ): Promise<ExecuteStatementCommandOutput> => {
    const command = new ExecuteStatementCommand({
      ...target,
      database: options.database,
      sql,
      parameters: toSqlParameters(parameters),
      includeResultMetadata: true,
      // int8 and numeric as text: a JSON number would lose digits past 2^53.
      resultSetOptions: { longReturnType: 'STRING', decimalReturnType: 'STRING' },
      ...more,
    });
    return call(() => client.send(command));
  };

  const sessionOf = (more: Partial<ExecuteStatementCommandInput>): Session => ({
    async query(sql, parameters = {}) {
      refuseUnsendable(sql, parameters);
      const { records = [], columnMetadata = [] } = await run(sql, parameters, more);
      return toRows(records, columnMetadata);
    },
    async execute(sql, parameters = {}) {
      refuseUnsendable(sql, parameters);
      return (await run(sql, parameters, more)).numberOfRecordsUpdated ?? 0;
    },
  });

  const begin = async (): Promise<OpenTransaction> => {
    const { transactionId } = await call(() =>
      client.send(new BeginTransactionCommand({ ...target, database: options.database })),
    );
    if (transactionId === undefined) {
      throw new DatabaseError('unreachable', 'BeginTransaction answered without a transaction id');
    }
    const transaction = { ...target, transactionId };
    const rollBack = async () => {
      await call(() => client.send(new RollbackTransactionCommand(transaction)));
    };
    return {
      session: sessionOf({ transactionId }),
      async commit() {
        try {
          await call(() => client.send(new CommitTransactionCommand(transaction)));
        } catch (error) {
          // A COMMIT that did not arrive would leave the transaction with its locks for three idle
          // minutes, in the way of whoever tries again; after one that did there is none to be found.
          await rollBack().catch(() => undefined);
          throw error;
        }
      },
      rollBack,
    };
  };

  return {
    ...sessionOf({}),

    transaction: (work) => runTransaction(begin, work),

    async submit(sql) {
      refuseUnsendable(sql, {});
      const command = new ExecuteStatementCommand({
        ...target,
        database: options.database,
        sql,
        continueAfterTimeout: true,
      });
      try {
        await withPatience(clock, refusalOf, () => client.send(command));
        return 'finished';
      } catch (error) {
        if (isStatementTimeout(error)) return 'submitted';
        throw translateDataApiError(error);
      }
    },

    async close() {
      client.destroy();
    },
  };
}
