import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { errorName, serviceError } from '../service-error.ts';
import { undecipherable } from './local-token-cipher.ts';
import type { TokenBinding, TokenCipher } from './token-cipher.ts';

/** Names KMS uses for a ciphertext of another key or context (KMS API reference, Decrypt). */
const NOT_OURS = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/**
 * Task tokens under a KMS key. KMS encrypts at most 4096 bytes directly (API reference, Encrypt);
 * a task token has at most 2048 (Step Functions API reference), so no data key is needed.
 * @param keyId id, ARN or alias of a symmetric key
 */
export function kmsTokenCipher(client: KMSClient, keyId: string): TokenCipher {
  return {
    async encrypt(token, binding) {
      const answer = await client
        .send(
          new EncryptCommand({
            KeyId: keyId,
            Plaintext: Buffer.from(token, 'utf8'),
            EncryptionContext: contextOf(binding),
          }),
        )
        .catch((error: unknown) => {
          throw serviceError('KMS', 'encrypt a task token', error);
        });
      if (answer.CiphertextBlob !== undefined) return answer.CiphertextBlob;
      throw serviceError(
        'KMS',
        'encrypt a task token',
        new TypeError('no ciphertext in the answer'),
      );
    },

    async decrypt(ciphertext, binding) {
      const answer = await client
        .send(
          new DecryptCommand({
            KeyId: keyId,
            CiphertextBlob: ciphertext,
            EncryptionContext: contextOf(binding),
          }),
        )
        .catch((error: unknown) => {
          if (NOT_OURS.has(errorName(error))) throw undecipherable(binding, error);
          throw serviceError('KMS', 'decrypt a task token', error);
        });
      if (answer.Plaintext !== undefined) return Buffer.from(answer.Plaintext).toString('utf8');
      throw serviceError(
        'KMS',
        'decrypt a task token',
        new TypeError('no plaintext in the answer'),
      );
    },
  };
}

/** Authenticated with the ciphertext and written to CloudTrail, so it holds names, not secrets. */
function contextOf(binding: TokenBinding): Record<string, string> {
  return { 'lockkeeper:execution': binding.executionId, 'lockkeeper:gate': binding.gate };
}
