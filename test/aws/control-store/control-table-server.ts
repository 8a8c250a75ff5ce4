import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import type { Faults } from '../../../lib/local/http/faults.ts';
import { controlTableDefinition } from './control-table-definition.ts';

/** The embedded DynamoDB with one control table, and a real client on it. */
export interface ControlTableServer {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly url: string;
  close(): Promise<void>;
}

export async function startControlTable(faults?: Faults): Promise<ControlTableServer> {
  const tableName = 'lockkeeper-control';
  const server = await startDynamoDb({
    tables: [controlTableDefinition(tableName)],
    ...(faults && { faults }),
  });
  const client = new DynamoDBClient({
    endpoint: server.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    tableName,
    url: server.url,
    async close() {
      client.destroy();
      await server.close();
    },
  };
}
