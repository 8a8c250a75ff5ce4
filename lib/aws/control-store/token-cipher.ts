import type { StopName } from '../../core/gates/gate.ts';
import type { ExecutionId } from '../../core/ids.ts';

/** What a task token belongs to. A token moved to another gate's item does not decrypt. */
export interface TokenBinding {
  readonly executionId: ExecutionId;
  readonly gate: StopName;
}

/** Keeps task tokens unreadable for who may read the control table: a token alone opens a gate. */
export interface TokenCipher {
  encrypt(token: string, binding: TokenBinding): Promise<Uint8Array>;
  /** @throws LockkeeperError LedgerCorrupt when it was made with another key or for another gate */
  decrypt(ciphertext: Uint8Array, binding: TokenBinding): Promise<string>;
}

/**
 * Environment variable with the secret of `localTokenCipher`, base64, at least 32 bytes. Set by the
 * embedded runtime alone, where it takes the place of the KMS key.
 */
export const LOCAL_TOKEN_SECRET = 'LOCKKEEPER_LOCAL_TOKEN_SECRET';
