import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DynamoDbHandle, startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import type { TableProperties } from '../../../lib/local/dynamodb/table.ts';
import type { Fault } from '../../../lib/local/http/faults.ts';

const TABLE: TableProperties = {
  TableName: 'control',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'target', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byTarget',
      KeySchema: [
        { AttributeName: 'target', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};
const TableName = 'control';

let db: DynamoDbHandle;
let client: DynamoDBClient;
let documents: DynamoDBDocumentClient;
let fault: Fault | undefined;

async function open(path?: string): Promise<void> {
  db = await startDynamoDb({
    tables: [TABLE],
    faults: (_service, action) => (action === 'PutItem' ? fault : undefined),
    ...(path === undefined ? {} : { path }),
  });
  client = new DynamoDBClient({
    endpoint: db.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'ANN', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  documents = DynamoDBDocumentClient.from(client);
}

async function close(): Promise<void> {
  client.destroy();
  await db.close();
}

beforeEach(async () => {
  fault = undefined;
  await open();
});

afterEach(close);

const put = (item: Record<string, unknown>, condition?: string) =>
  documents.send(
    new PutCommand({
      TableName,
      Item: item,
      ...(condition ? { ConditionExpression: condition } : {}),
    }),
  );

const get = async (pk: string, sk: string) =>
  (await documents.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true }))).Item;

describe('conditional writes', () => {
  it('let exactly one of many takers have the lease', async () => {
    // WHEN ten processes want it at one time
    const takers = Array.from({ length: 10 }, (_, n) =>
      put({ pk: 'lease', sk: 'prod', owner: n }, 'attribute_not_exists(pk)'),
    );
    const results = await Promise.allSettled(takers);

    // THEN
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({ name: 'ConditionalCheckFailedException' });
      }
    }
  });

  it('guard updates and deletes by what the item holds', async () => {
    // GIVEN
    await put({ pk: 'gate', sk: '1', status: 'PENDING', token: 7 });
    const decide = (expected: string) =>
      documents.send(
        new UpdateCommand({
          TableName,
          Key: { pk: 'gate', sk: '1' },
          UpdateExpression: 'SET #s = :next, #t = #t + :one',
          ConditionExpression: '#s = :expected AND #t < :limit',
          ExpressionAttributeNames: { '#s': 'status', '#t': 'token' },
          ExpressionAttributeValues: {
            ':next': 'APPROVED',
            ':one': 1,
            ':expected': expected,
            ':limit': 100,
          },
          ReturnValues: 'ALL_NEW',
        }),
      );

    // THEN
    expect((await decide('PENDING')).Attributes).toMatchObject({ status: 'APPROVED', token: 8 });
    await expect(decide('PENDING')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    const remove = new DeleteCommand({
      TableName,
      Key: { pk: 'gate', sk: '1' },
      ConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': 'PENDING' },
    });
    await expect(documents.send(remove)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
  });

  it('show the item that stood in the way to who asks for it', async () => {
    const taken = { pk: 'lease', sk: 'prod', holder: 'ann' };
    await put(taken);
    const Key = { pk: 'lease', sk: 'prod' };
    const ConditionExpression = 'attribute_not_exists(pk)';
    const ReturnValuesOnConditionCheckFailure = 'ALL_OLD';
    const asked = { TableName, ConditionExpression, ReturnValuesOnConditionCheckFailure } as const;
    for (const refusal of [
      documents.send(new PutCommand({ ...asked, Item: { ...Key, holder: 'bob' } })),
      documents.send(new UpdateCommand({ ...asked, Key, UpdateExpression: 'REMOVE holder' })),
      documents.send(new DeleteCommand({ ...asked, Key })),
    ]) {
      await expect(refusal).rejects.toMatchObject({
        name: 'ConditionalCheckFailedException',
        Item: { pk: { S: 'lease' }, sk: { S: 'prod' }, holder: { S: 'ann' } },
      });
    }
  });

  it('show no item to who does not ask, and none where there is none', async () => {
    await put({ pk: 'lease', sk: 'prod' });
    const refused = (sk: string, asked: object) =>
      documents
        .send(
          new UpdateCommand({
            TableName,
            Key: { pk: 'lease', sk },
            UpdateExpression: 'REMOVE holder',
            ConditionExpression: 'attribute_exists(holder)',
            ...asked,
          }),
        )
        .catch((error: unknown) => error);
    for (const refusal of [
      await refused('prod', {}),
      await refused('none', { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    ]) {
      expect(refusal).toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined });
    }
    await expect(
      refused('prod', { ReturnValuesOnConditionCheckFailure: 'ALL_NEW' }),
    ).resolves.toMatchObject({ name: 'ValidationException' });
  });
});

describe('queries', () => {
  it('read a partition in order, page by page, and an index', async () => {
    // GIVEN
    for (const n of [3, 1, 2]) {
      await put({ pk: 'x1', sk: `event#${n}`, ...(n === 1 ? {} : { target: 'prod' }) });
    }
    await put({ pk: 'x1', sk: 'plan' });

    // WHEN
    const pages: unknown[] = [];
    const query = {
      TableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': 'x1', ':prefix': 'event#' },
      Limit: 2,
    };
    for await (const { Items } of paginateQuery({ client: documents }, query)) {
      pages.push(Items?.map(({ sk }) => sk));
    }

    // THEN
    expect(pages.flat()).toEqual(['event#1', 'event#2', 'event#3']);
    const indexed = await documents.send(
      new QueryCommand({
        TableName,
        IndexName: 'byTarget',
        KeyConditionExpression: 'target = :t',
        ExpressionAttributeValues: { ':t': 'prod' },
        ScanIndexForward: false,
      }),
    );
    expect(indexed.Items?.map(({ sk }) => sk)).toEqual(['event#3', 'event#2']);
  });
});

describe('the service', () => {
  it('keeps tables and items on disk, and refuses a table of other keys', async () => {
    // GIVEN
    await close();
    const path = await mkdtemp(join(tmpdir(), 'lockkeeper-dynamodb-'));
    try {
      await open(path);
      await put({ pk: 'a', sk: 'b', n: 1 });
      await close();

      // WHEN
      await open(path);

      // THEN
      expect(await get('a', 'b')).toEqual({ pk: 'a', sk: 'b', n: 1 });
      const { GlobalSecondaryIndexes: _, ...smaller } = TABLE;
      await expect(db.ensureTable(smaller)).rejects.toMatchObject({ name: 'TableDiffersError' });
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  });

  it('closes under callers that are in the middle of something, and harms nobody', async () => {
    // GIVEN a store on disk, and callers whose requests are on their way
    await close();
    const path = await mkdtemp(join(tmpdir(), 'lockkeeper-dynamodb-'));
    try {
      for (let round = 0; round < 10; round += 1) {
        await open(path);
        for (let n = 0; n < 20; n += 1) await put({ pk: 'a', sk: `${n}`, text: 'x'.repeat(2_000) });
        const query = new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': 'a' },
        });
        const calls = Array.from({ length: 10 }, () => documents.send(query));
        const ends = Promise.allSettled(calls);
        await new Promise((resolve) => setTimeout(resolve, round));

        // WHEN
        await close();

        // THEN each of them has an answer or lost its connection; an error elsewhere fails the suite
        await ends;
      }
    } finally {
      await open();
      await rm(path, { recursive: true, force: true });
    }
  });

  it('leaves the outcome unknown when the connection drops', async () => {
    fault = { kind: 'drop-after' };
    await expect(put({ pk: 'a', sk: 'after' })).rejects.toThrow();
    fault = { kind: 'drop-before' };
    await expect(put({ pk: 'a', sk: 'before' })).rejects.toThrow();
    fault = { kind: 'throttle' };
    await expect(put({ pk: 'a', sk: 'never' })).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    expect(await get('a', 'after')).toBeDefined();
    expect(await get('a', 'before')).toBeUndefined();
    expect(await get('a', 'never')).toBeUndefined();
  });

  it('refuses what it does not have instead of pretending', async () => {
    await expect(
      documents.send(
        new TransactWriteCommand({
          TransactItems: [{ Put: { TableName, Item: { pk: 'a', sk: 'b' } } }],
        }),
      ),
    ).rejects.toMatchObject({ name: 'UnknownOperationException' });
    const enable = new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    await expect(client.send(enable)).rejects.toMatchObject({ name: 'UnknownOperationException' });
    const update = new UpdateCommand({
      TableName,
      Key: { pk: 'a', sk: 'b' },
      UpdateExpression: 'SET status = :s',
      ExpressionAttributeValues: { ':s': 'x' },
    });
    await expect(documents.send(update)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('reserved keyword: status'),
    });
  });
});
