import { BY_TIME_INDEX } from '../../../lib/aws/control-store/keys.ts';
import type { TableProperties } from '../../../lib/local/dynamodb/table.ts';

/** The control table as lib/constructs/control-store.ts makes it. */
export function controlTableDefinition(tableName: string): TableProperties {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', BY_TIME_INDEX.pk, BY_TIME_INDEX.sk].map((name) => ({
      AttributeName: name,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: BY_TIME_INDEX.name,
        KeySchema: [
          { AttributeName: BY_TIME_INDEX.pk, KeyType: 'HASH' },
          { AttributeName: BY_TIME_INDEX.sk, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  };
}
