import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dynamoDbControlStore } from '../../../lib/aws/control-store/dynamodb-control-store.ts';
import { localTokenCipher } from '../../../lib/aws/control-store/local-token-cipher.ts';
import type { ExecutionId } from '../../../lib/core/ids.ts';
import { hashPlan } from '../../../lib/core/plan/hash.ts';
import {
  NEWEST_PLAN_FORMAT,
  PLAN_FORMATS,
  type PlanFormat,
} from '../../../lib/core/plan/plan-format.ts';
import { describeControlStore } from '../../ports/control-store-contract.ts';
import {
  aGate,
  anExecution,
  aPlan,
  aSource,
  NOON,
  newExecutionId,
} from '../../ports/control-store-samples.ts';
import { type ControlTableServer, startControlTable } from './control-table-server.ts';

const cipher = localTokenCipher(new Uint8Array(32).fill(7));

describeControlStore('DynamoDB', async () => {
  const server = await startControlTable();
  return { store: dynamoDbControlStore({ ...server, cipher }), close: () => server.close() };
});

describe('the control store on DynamoDB', () => {
  let server: ControlTableServer;

  beforeAll(async () => {
    server = await startControlTable();
  });
  afterAll(() => server.close());

  const open = (tableName = server.tableName) =>
    dynamoDbControlStore({ client: server.client, tableName, cipher });

  it('never stores a task token in the clear', async () => {
    // GIVEN
    const id = newExecutionId();
    await open().putTaskToken(id, 'deploy', 'a-very-secret-token');
    // WHEN
    const { Item } = await server.client.send(
      new GetItemCommand({
        TableName: server.tableName,
        Key: { pk: { S: `token#${id}` }, sk: { S: 'deploy' } },
      }),
    );
    // THEN
    const bytes = Buffer.from(Item?.['ciphertext']?.B ?? []).toString('latin1');
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes).not.toContain('secret');
    expect(JSON.stringify(Item)).not.toContain('a-very-secret-token');
  });

  it('does not open a token that was moved to another gate', async () => {
    // GIVEN
    const id = newExecutionId();
    await open().putTaskToken(id, 'deploy', 'token');
    const key = { pk: { S: `token#${id}` }, sk: { S: 'deploy' } };
    const { Item } = await server.client.send(
      new GetItemCommand({ TableName: server.tableName, Key: key }),
    );
    // WHEN
    await server.client.send(
      new PutItemCommand({ TableName: server.tableName, Item: { ...Item, sk: { S: 'contract' } } }),
    );
    // THEN
    await expect(open().getTaskToken(id, 'contract')).rejects.toMatchObject({
      code: 'LedgerCorrupt',
    });
  });

  it('fails when an item has another format, and says which version to use', async () => {
    // GIVEN
    const id = newExecutionId();
    await server.client.send(
      new PutItemCommand({
        TableName: server.tableName,
        Item: { pk: { S: `flags#${id}` }, sk: { S: 'flags' }, v: { N: '2' } },
      }),
    );
    // THEN
    await expect(open().getFlags(id)).rejects.toMatchObject({
      code: 'UnknownVersion',
      message: `control item flags#${id} flags has format 2, this version reads 1`,
      fix: expect.stringContaining('the version of lockkeeper that wrote it'),
    });
  });

  it('reads every plan format of its list, refuses any other and keeps what is stored', async () => {
    // GIVEN plans as other versions of the product may have left them
    const store = open();
    const kept = async (formatVersion: number): Promise<ExecutionId> => {
      const id = newExecutionId();
      const { plan } = aPlan();
      await store.putPlan(id, hashPlan({ ...plan, formatVersion: formatVersion as PlanFormat }));
      return id;
    };
    const tomorrow = NEWEST_PLAN_FORMAT + 1;
    const unknown = await kept(tomorrow);
    // THEN
    for (const format of PLAN_FORMATS) {
      expect((await store.getPlan(await kept(format)))?.plan.formatVersion).toBe(format);
    }
    await expect(store.getPlan(unknown)).rejects.toMatchObject({
      code: 'UnknownVersion',
      message: `the plan of ${unknown} has format ${tomorrow}, this version reads ${PLAN_FORMATS.join(' and ')}`,
      fix: `deploy the version that made the plan, then lockkeeper resume ${unknown}`,
    });
    await expect(store.putPlan(unknown, aPlan())).rejects.toMatchObject({
      code: 'UnknownVersion',
    });
    await expect(store.getPlan(unknown)).rejects.toMatchObject({ code: 'UnknownVersion' });
  });

  it('fails when an item is not as it was written, and names the property', async () => {
    // GIVEN
    const id = newExecutionId();
    await server.client.send(
      new PutItemCommand({
        TableName: server.tableName,
        Item: {
          pk: { S: `flags#${id}` },
          sk: { S: 'flags' },
          v: { N: '1' },
          paused: { S: 'perhaps' },
        },
      }),
    );
    // THEN
    await expect(open().getFlags(id)).rejects.toMatchObject({
      code: 'LedgerCorrupt',
      message: expect.stringContaining('paused'),
    });
  });

  it('recognizes its own writes when an answer is lost and the SDK sends them again', async () => {
    // GIVEN every first answer to a write is lost
    let writes = 0;
    const shaky = await startControlTable((_service, action) => {
      if (action !== 'PutItem' && action !== 'UpdateItem') return undefined;
      writes += 1;
      return writes % 2 === 1 ? { kind: 'drop-after' } : undefined;
    });
    const store = dynamoDbControlStore({ ...shaky, cipher });
    const execution = anExecution();
    const { executionId } = execution;
    try {
      // WHEN
      await store.createExecution(execution, aSource());
      await store.putPlan(executionId, aPlan());
      const gate = await store.putGate(aGate(executionId), 0);
      const lease = await store.acquireLease('orders/app', executionId, NOON);
      // THEN
      expect(await store.getExecution(executionId)).toEqual(execution);
      expect(gate).toBe('written');
      expect(lease.kind).toBe('acquired');
      expect(writes).toBe(10);
    } finally {
      await shaky.close();
    }
  });

  it('fails with InvalidConfiguration when there is no such table', async () => {
    await expect(open('nowhere').getFlags(newExecutionId())).rejects.toMatchObject({
      code: 'InvalidConfiguration',
      message: 'no control table nowhere here',
    });
  });
});
