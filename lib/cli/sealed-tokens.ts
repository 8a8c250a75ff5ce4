import type { TokenCipher } from '../aws/control-store/token-cipher.ts';
import { LockkeeperError } from '../core/errors.ts';

/**
 * The command line never handles a task token: waking an execution is the decide-gate function's
 * work. So it needs no key, and no permission to use one.
 */
export const sealedTokens: TokenCipher = { encrypt: refuse, decrypt: refuse };

async function refuse(): Promise<never> {
  throw new LockkeeperError('NotAllowed', 'the command line does not handle task tokens');
}
