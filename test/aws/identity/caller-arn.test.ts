import { STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { callerArn } from '../../../lib/aws/identity/caller-arn.ts';
import { startSts } from '../../../lib/local/sts/start-sts.ts';

describe('who the caller is', () => {
  let close: () => Promise<void> = async () => undefined;
  afterEach(() => close());

  async function connect(refuse = false): Promise<STSClient> {
    const refusal = {
      kind: 'error',
      code: 'ExpiredToken',
      status: 403,
      message: 'expired',
    } as const;
    const sts = await startSts({ faults: () => (refuse ? refusal : undefined) });
    const client = new STSClient({
      endpoint: sts.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'ADA', secretAccessKey: 'embedded' },
      maxAttempts: 1,
    });
    close = async () => {
      client.destroy();
      await sts.close();
    };
    return client;
  }

  it('is the ARN that STS knows the credentials by', async () => {
    expect(await callerArn(await connect())).toMatch(/^arn:aws:(iam|sts)::\d{12}:.*ada/i);
  });

  it('fails with AccessDenied when the credentials have expired', async () => {
    await expect(callerArn(await connect(true))).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});
