import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { transport } from '../../lib/aws/transport.ts';

const PATIENCE_MS = 100;

describe('transport', () => {
  let silent: Server;

  beforeEach(async () => {
    silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });

  afterEach(async () => {
    silent.closeAllConnections();
    silent.close();
    await once(silent, 'close');
  });

  it('gives up on a service that takes the call and never answers', async () => {
    // GIVEN an endpoint that takes connections and says nothing
    const { port } = silent.address() as AddressInfo;
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
      requestHandler: transport(PATIENCE_MS),
    });

    // WHEN it is asked, THEN the call ends by itself, by the name that the SDK repeats
    await expect(client.send(new DescribeTableCommand({ TableName: 'control' }))).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    client.destroy();
  });
});
