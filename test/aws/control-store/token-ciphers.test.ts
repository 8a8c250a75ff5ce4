import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { kmsTokenCipher } from '../../../lib/aws/control-store/kms-token-cipher.ts';
import { localTokenCipher } from '../../../lib/aws/control-store/local-token-cipher.ts';
import type { TokenBinding } from '../../../lib/aws/control-store/token-cipher.ts';
import type { ExecutionId } from '../../../lib/core/ids.ts';

const binding: TokenBinding = { executionId: '0001_a-aaaa' as ExecutionId, gate: 'deploy' };
const secret = new Uint8Array(32).fill(9);

describe('the local token cipher', () => {
  it('gives every token back, and never the same ciphertext', async () => {
    const cipher = localTokenCipher(secret);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (token) => {
        const [one, two] = [
          await cipher.encrypt(token, binding),
          await cipher.encrypt(token, binding),
        ];
        expect(await cipher.decrypt(one, binding)).toBe(token);
        expect(Buffer.from(one).equals(Buffer.from(two))).toBe(false);
      }),
    );
  });

  it('fails when any byte was changed', async () => {
    const cipher = localTokenCipher(secret);
    const ciphertext = Buffer.from(await cipher.encrypt('token', binding));
    for (let index = 0; index < ciphertext.length; index += 1) {
      const changed = Buffer.from(ciphertext);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      await expect(cipher.decrypt(changed, binding)).rejects.toMatchObject({
        code: 'LedgerCorrupt',
      });
    }
  });

  it('fails when it is cut short', async () => {
    const cipher = localTokenCipher(secret);
    const ciphertext = Buffer.from(await cipher.encrypt('token', binding));
    for (const length of [0, 5, 12, 20, ciphertext.length - 1]) {
      const cut = cipher.decrypt(ciphertext.subarray(0, length), binding);
      await expect(cut).rejects.toMatchObject({ code: 'LedgerCorrupt' });
    }
  });

  it('fails with another key, another gate or another execution', async () => {
    const cipher = localTokenCipher(secret);
    const ciphertext = await cipher.encrypt('token', binding);
    const wrong = [
      localTokenCipher(new Uint8Array(32).fill(8)).decrypt(ciphertext, binding),
      cipher.decrypt(ciphertext, { ...binding, gate: 'contract' }),
      cipher.decrypt(ciphertext, { ...binding, executionId: '0001_a-bbbb' as ExecutionId }),
    ];
    for (const one of wrong) await expect(one).rejects.toMatchObject({ code: 'LedgerCorrupt' });
  });

  it('refuses a secret that is too short to be one', () => {
    expect(() => localTokenCipher(new Uint8Array(16))).toThrow('at least 32 are needed');
  });
});

describe('the KMS token cipher', () => {
  it('binds the ciphertext to execution and gate through the encryption context', async () => {
    // GIVEN a KMS that answers only for the context it encrypted with
    const client = new KMSClient({ region: 'eu-central-1' });
    const kms = mockClient(client);
    kms.on(EncryptCommand).callsFake(async (input) => ({
      CiphertextBlob: Buffer.concat([Buffer.from([1]), input.Plaintext]),
    }));
    kms.on(DecryptCommand).callsFake(async (input) => {
      const [encrypted] = kms.commandCalls(EncryptCommand);
      const same =
        JSON.stringify(encrypted?.args[0].input.EncryptionContext) ===
        JSON.stringify(input.EncryptionContext);
      if (!same) throw Object.assign(new Error(), { name: 'InvalidCiphertextException' });
      return { Plaintext: input.CiphertextBlob.subarray(1) };
    });
    const cipher = kmsTokenCipher(client, 'alias/control');
    // WHEN
    const ciphertext = await cipher.encrypt('töken', binding);
    // THEN
    expect(await cipher.decrypt(ciphertext, binding)).toBe('töken');
    expect(kms.commandCalls(EncryptCommand)[0]?.args[0].input).toMatchObject({
      KeyId: 'alias/control',
      EncryptionContext: {
        'lockkeeper:execution': '0001_a-aaaa',
        'lockkeeper:gate': 'deploy',
      },
    });
    await expect(cipher.decrypt(ciphertext, { ...binding, gate: 'soak' })).rejects.toMatchObject({
      code: 'LedgerCorrupt',
    });
  });

  it('fails with AccessDenied when the key may not be used', async () => {
    const client = new KMSClient({ region: 'eu-central-1' });
    mockClient(client)
      .on(EncryptCommand)
      .rejects(Object.assign(new Error('no kms:Encrypt'), { name: 'AccessDeniedException' }));
    await expect(kmsTokenCipher(client, 'k').encrypt('t', binding)).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });
});
