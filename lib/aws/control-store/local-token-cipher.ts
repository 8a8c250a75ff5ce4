import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { LockkeeperError } from '../../core/errors.ts';
import type { TokenBinding, TokenCipher } from './token-cipher.ts';

/** AES-256-GCM: 32 byte key, 12 byte nonce, 16 byte tag (NIST SP 800-38D). */
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * For the embedded runtime, which has no KMS. A random 96-bit nonce is safe for 2^32 tokens of one
 * key; an execution makes a handful.
 * @param secret at least 32 random bytes
 */
export function localTokenCipher(secret: Uint8Array): TokenCipher {
  if (secret.length < KEY_BYTES) {
    throw new LockkeeperError(
      'InvalidConfiguration',
      `the token secret has ${secret.length} bytes, at least ${KEY_BYTES} are needed`,
      { fix: 'make one with: openssl rand -base64 32' },
    );
  }
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'lockkeeper task token v1', KEY_BYTES));

  return {
    async encrypt(token, binding) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additionalData(binding));
      const body = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },

    async decrypt(ciphertext, binding) {
      const bytes = Buffer.from(ciphertext);
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(additionalData(binding));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch (error) {
        throw undecipherable(binding, error);
      }
    },
  };
}

/** The same for both ciphers. */
export function undecipherable(binding: TokenBinding, cause: unknown): LockkeeperError {
  return new LockkeeperError(
    'LedgerCorrupt',
    `the task token of gate ${binding.gate} of ${binding.executionId} cannot be decrypted`,
    { cause, fix: 'use the key it was written with, or resume the execution for a new token' },
  );
}

function additionalData(binding: TokenBinding): Uint8Array {
  return Buffer.from(JSON.stringify([binding.executionId, binding.gate]));
}
