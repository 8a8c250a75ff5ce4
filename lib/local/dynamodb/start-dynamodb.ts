import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { Faults } from '../http/faults.ts';
import { type Listening, listen } from '../http/listen.ts';
import { EMBEDDED_REGION } from '../lambda/lambda-function.ts';
import { faultProxy } from './fault-proxy.ts';
import { answerRefusalsWithItems } from './refusals-with-items.ts';
import { ensureTable, type TableProperties } from './table.ts';

/** What the embedded DynamoDB starts with. */
export interface DynamoDbOptions {
  /** Directory of the data; one process at a time. @default - in memory, gone with the process */
  readonly path?: string;
  /** Created before this returns, unless they exist. @default - none */
  readonly tables?: readonly TableProperties[];
  /** Asked as `('dynamodb', <action>)` for every API call. @default - no faults */
  readonly faults?: Faults;
  /** @default 0, a free port */
  readonly port?: number;
}

/** The running embedded DynamoDB. */
export interface DynamoDbHandle extends Listening {
  /** Creates a table from its CloudFormation properties, or finds it as it should be. */
  ensureTable(table: TableProperties): Promise<void>;
}

/**
 * Serves DynamoDB on 127.0.0.1 with `dynalite`.
 *
 * Works as on AWS, tested through `lib-dynamodb`: conditional puts, updates and deletes, whose refusals tell what stood
 * in the way; consistent reads (refused on an index), queries with key conditions, filters and paging, sparse global
 * secondary indexes, batch reads; reserved words, unused placeholders, empty keys and items above 400 KB are refused.
 *
 * Gaps; only the last one is laxer than AWS:
 * - `TransactWriteItems`, `TransactGetItems`, PartiQL, `UpdateTimeToLive`, backups and streams answer
 *   `UnknownOperationException`, so nothing can come to depend on them unnoticed;
 * - items never expire: a `ttl` attribute is only data, and readers must compare it with the clock, as they must on AWS,
 *   where deletion may take days;
 * - index reads see every write at once, where AWS is eventually consistent.
 */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<DynamoDbHandle> {
  answerRefusalsWithItems();
  // A table is usable at once: the 500 ms that dynalite simulates would only slow every test.
  const times = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const engine = dynalite({
    ...times,
    ...(options.path === undefined ? {} : { path: options.path }),
  });
  const idle = whenIdle(engine);
  await new Promise<void>((resolve, reject) => {
    engine.once('error', reject);
    engine.listen(0, '127.0.0.1', resolve);
  });
  const upstream = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  const administrator = new DynamoDBClient({
    endpoint: upstream, // past the faults, which are for the product's calls
    region: EMBEDDED_REGION,
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  for (const table of options.tables ?? []) await ensureTable(administrator, table);
  const server = await listen(
    faultProxy(upstream, options.faults ?? (() => undefined)),
    options.port,
  );
  return {
    url: server.url,
    ensureTable: (table) => ensureTable(administrator, table),
    close: async () => {
      administrator.destroy();
      await server.close();
      // A caller that was killed leaves its request behind, and a store that is closed under it
      // would take the whole process down.
      await idle();
      engine.closeAllConnections();
      await new Promise<void>((resolve, reject) => {
        engine.close((error) => (error ? reject(error) : resolve()));
      });
    },
  };
}

/** Follows the requests of a server. @returns waits until it works on none */
function whenIdle(engine: Server): () => Promise<void> {
  const open = new Set<ServerResponse>();
  engine.on('request', (_request: unknown, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return async () => {
    while (open.size > 0) await Promise.all([...open].map((response) => once(response, 'close')));
  };
}
