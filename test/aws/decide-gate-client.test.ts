import { rm } from 'node:fs/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from '@jest/globals';
import { decideGateClient } from '../../lib/aws/decide-gate-client.ts';
import type { Decision } from '../../lib/core/gates/parse-command.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import { startLambda } from '../../lib/local/lambda/start-lambda.ts';
import { bundle } from '../local/lambda/bundle.ts';

const decision: Decision = {
  kind: 'pause',
  executionId: '0001_a-aaaa' as ExecutionId,
  reason: 'lunch',
};
const proof = { authorization: 'of ada', date: '20261122T120000Z' };

describe('the client of the decide-gate function', () => {
  let close: () => Promise<void> = async () => undefined;
  afterEach(() => close());

  async function connect(source: string, functionName = 'decide-gate') {
    const bundlePath = await bundle(source);
    const lambda = await startLambda({
      functions: [{ name: 'decide-gate', bundlePath, timeoutSeconds: 20 }],
    });
    const client = new LambdaClient({
      endpoint: lambda.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'ADA', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    close = async () => {
      client.destroy();
      await lambda.close();
      await rm(bundlePath, { recursive: true, force: true });
    };
    return decideGateClient(client, functionName, { prove: async () => proof });
  }

  it('hands the decision over with a proof, and the answer back', async () => {
    const decide = await connect(
      'export const handler = async (message) => ({ ok: true, heard: message })',
    );
    expect(await decide(decision)).toEqual({ ok: true, heard: { decision, proof } });
  });

  it('fails with what the function says when it fails', async () => {
    const decide = await connect(
      `export const handler = async () => { throw new TypeError('no such gate') }`,
    );
    await expect(decide(decision)).rejects.toMatchObject({
      code: 'Internal',
      message: expect.stringContaining('no such gate'),
    });
  });

  it('fails when there is no such function', async () => {
    const decide = await connect('export const handler = async () => ({})', 'elsewhere');
    await expect(decide(decision)).rejects.toMatchObject({
      message: expect.stringContaining('ResourceNotFoundException'),
    });
  });
});
