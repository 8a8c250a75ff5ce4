import { z } from 'zod';

/**
 * Proof of who somebody is: the signed parts of a GetCallerIdentity request that was made and not
 * sent. The verifier writes all other parts of the request itself, its address first of all.
 */
export interface IdentityProof {
  /** SigV4 `Authorization` header. */
  readonly authorization: string;
  /** `X-Amz-Date`, such as 20261122T120000Z. */
  readonly date: string;
  /** `X-Amz-Security-Token` of temporary credentials. */
  readonly token?: string | undefined;
}

/** Headers have no line ends in them: nothing that is sent on can add another header. */
const oneLine = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[\x20-\x7e]+$/);

/** A session token may take 12 KiB and more (IAM guide, "Temporary security credentials"). */
export const proofSchema: z.ZodType<IdentityProof> = z.strictObject({
  authorization: oneLine(2_000),
  date: z.string().regex(/^\d{8}T\d{6}Z$/),
  token: oneLine(16_384).optional(),
});
