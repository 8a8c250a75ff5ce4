import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { LockkeeperError } from '../../core/errors.ts';
import { errorName, serviceError } from '../service-error.ts';
import { BY_TIME_INDEX, EXECUTION_LIST, type ItemKey } from './keys.ts';

/** An item as DynamoDB returned it; its shape is checked by `readItem` before anyone uses it. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** Part of an expression: `#name` and `:value` placeholders and what they stand for. */
export interface Expression {
  readonly text: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

/**
 * What an update came to. A refusal has the item as it was when the condition was judged: a read
 * that followed would see it as others have made it since.
 */
export type Updated =
  | { readonly kind: 'written'; readonly item: StoredItem }
  | { readonly kind: 'refused'; readonly by: StoredItem | undefined };

export const ABSENT: Expression = { text: 'attribute_not_exists(pk)' };
export const PRESENT: Expression = { text: 'attribute_exists(pk)' };

/**
 * The few DynamoDB operations the store needs. Reads are strongly consistent, so what one Lambda
 * wrote the next one sees; the index is the exception, because DynamoDB allows no consistent read
 * of an index, and it is used for lists only.
 */
export interface ControlTable {
  get(key: ItemKey): Promise<StoredItem | undefined>;
  /** All items of a partition in sort key order, over all pages. */
  list(pk: string): Promise<readonly StoredItem[]>;
  put(key: ItemKey, item: StoredItem, condition?: Expression): Promise<'written' | 'refused'>;
  update(key: ItemKey, update: Expression, condition?: Expression): Promise<Updated>;
  /** Partition keys of the executions, newest first, page by page. */
  newestExecutions(): AsyncIterable<readonly string[]>;
}

export function controlTable(client: DynamoDBClient, tableName: string): ControlTable {
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  const failed = (action: string, error: unknown): LockkeeperError =>
    errorName(error) === 'ResourceNotFoundException'
      ? new LockkeeperError('InvalidConfiguration', `no control table ${tableName} here`, {
          cause: error,
          fix: 'deploy the Lockkeeper stack, or check the account, region and table name',
        })
      : serviceError('DynamoDB', action, error);

  return {
    async get(key) {
      try {
        const answer = await documents.send(
          new GetCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: true }),
        );
        return answer.Item;
      } catch (error) {
        throw failed(`read ${key.pk}`, error);
      }
    },

    async list(pk) {
      const items: StoredItem[] = [];
      let startKey: Record<string, unknown> | undefined;
      do {
        try {
          const page = await documents.send(
            new QueryCommand({
              TableName: tableName,
              ConsistentRead: true,
              KeyConditionExpression: 'pk = :pk',
              ExpressionAttributeValues: { ':pk': pk },
              ExclusiveStartKey: startKey,
            }),
          );
          items.push(...(page.Items ?? []));
          startKey = page.LastEvaluatedKey;
        } catch (error) {
          throw failed(`list ${pk}`, error);
        }
      } while (startKey !== undefined);
      return items;
    },

    async put(key, item, condition) {
      try {
        await documents.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...item, ...key },
            ...(condition && {
              ConditionExpression: condition.text,
              ExpressionAttributeNames: condition.names,
              ExpressionAttributeValues: condition.values,
            }),
          }),
        );
        return 'written';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'refused';
        throw failed(`write ${key.pk}`, error);
      }
    },

    async update(key, update, condition) {
      const names = { ...update.names, ...condition?.names };
      const values = { ...update.values, ...condition?.values };
      try {
        const answer = await documents.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { ...key },
            UpdateExpression: update.text,
            ConditionExpression: condition?.text,
            // DynamoDB refuses empty maps here.
            ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
            ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { kind: 'written', item: answer.Attributes ?? {} };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          return { kind: 'refused', by: error.Item && unmarshall(error.Item) };
        }
        throw failed(`change ${key.pk}`, error);
      }
    },

    async *newestExecutions() {
      let startKey: Record<string, unknown> | undefined;
      do {
        const page = await documents
          .send(
            new QueryCommand({
              TableName: tableName,
              IndexName: BY_TIME_INDEX.name,
              KeyConditionExpression: '#list = :list',
              ExpressionAttributeNames: { '#list': BY_TIME_INDEX.pk },
              ExpressionAttributeValues: { ':list': EXECUTION_LIST },
              ScanIndexForward: false,
              // One page is read ahead of the caller's limit; 25 reads of one execution follow it.
              Limit: 25,
              ExclusiveStartKey: startKey,
            }),
          )
          .catch((error: unknown) => {
            throw failed('list the executions', error);
          });
        yield (page.Items ?? []).map((item) => String(item['pk']));
        startKey = page.LastEvaluatedKey;
      } while (startKey !== undefined);
    },
  };
}
