import { accessKeyIdOf } from '../http/access-key.ts';
import { EMBEDDED_ACCOUNT } from '../lambda/lambda-function.ts';

/** Who signed a call. */
export interface Caller {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
}

/**
 * The caller in a SigV4 `Authorization` header: each access key id is a user of its own, so that two-person rules can be
 * tried with two key ids.
 */
export function callerOf(authorization: string | undefined): Caller | undefined {
  const accessKeyId = accessKeyIdOf(authorization);
  if (accessKeyId === undefined) return undefined;
  return {
    arn: `arn:aws:iam::${EMBEDDED_ACCOUNT}:user/${accessKeyId}`,
    userId: accessKeyId,
    account: EMBEDDED_ACCOUNT,
  };
}
