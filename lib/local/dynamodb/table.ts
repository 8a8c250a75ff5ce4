import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

/** The properties of `AWS::DynamoDB::Table` that shape a table; those that do not (TTL, PITR, tags) are not read. */
export type TableProperties = Pick<
  CreateTableCommandInput,
  | 'TableName'
  | 'KeySchema'
  | 'AttributeDefinitions'
  | 'GlobalSecondaryIndexes'
  | 'LocalSecondaryIndexes'
  | 'BillingMode'
  | 'ProvisionedThroughput'
> & { readonly TableName: string };

/** A table of that name exists with other keys; data cannot be carried over, so it is for the user to decide. */
export class TableDiffersError extends Error {
  readonly tableName: string;

  constructor(tableName: string, existing: string, wanted: string) {
    super(
      `table '${tableName}' exists with keys ${existing}, wanted ${wanted}, delete the embedded data directory to start over`,
    );
    this.name = 'TableDiffersError';
    this.tableName = tableName;
  }
}

/**
 * Creates the table and waits until it is ACTIVE; a table that is there already and has the same keys is left alone.
 *
 * @throws TableDiffersError
 */
export async function ensureTable(client: DynamoDBClient, table: TableProperties): Promise<void> {
  const existing = await describe(client, table.TableName);
  if (existing === undefined) {
    await client.send(new CreateTableCommand(table));
  } else {
    const [is, wanted] = [keysOf(existing), keysOf(table)];
    if (is !== wanted) throw new TableDiffersError(table.TableName, is, wanted);
  }
  await waitUntilTableExists(
    { client, maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.1 },
    { TableName: table.TableName },
  );
}

async function describe(
  client: DynamoDBClient,
  tableName: string,
): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: tableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

interface Keyed {
  readonly KeySchema?: readonly KeySchemaElement[] | undefined;
  readonly GlobalSecondaryIndexes?:
    | readonly {
        readonly IndexName?: string | undefined;
        readonly KeySchema?: readonly KeySchemaElement[] | undefined;
      }[]
    | undefined;
}

/** Keys of the table and its global indexes as one comparable text, e.g. `pk:HASH,sk:RANGE byStatus(status:HASH)`. */
function keysOf(table: Keyed): string {
  const indexes = (table.GlobalSecondaryIndexes ?? [])
    .map(({ IndexName, KeySchema }) => `${IndexName}(${schema(KeySchema)})`)
    .sort();
  return [schema(table.KeySchema), ...indexes].join(' ');
}

function schema(elements: readonly KeySchemaElement[] = []): string {
  return elements.map(({ AttributeName, KeyType }) => `${AttributeName}:${KeyType}`).join(',');
}
