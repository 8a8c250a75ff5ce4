import { Sha256 } from '@aws-crypto/sha256-js';
import type { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { LockkeeperError } from '../../core/errors.ts';
import type { IdentityProver } from '../../ports/identity.ts';
import { serviceError } from '../service-error.ts';
import { identityRequest, TOKEN_HEADER } from './identity-request.ts';
import { stsPlace } from './sts-endpoint.ts';

/**
 * Signs a GetCallerIdentity request with the client's credentials and hands over its signature
 * instead of sending it: whoever sends it learns from STS whose it is. The credentials never leave.
 */
export function stsProver(client: STSClient): IdentityProver {
  return {
    async prove(claim) {
      try {
        const { endpoint, region } = await stsPlace(client);
        const signer = new SignatureV4({
          service: 'sts',
          region,
          credentials: client.config.credentials,
          sha256: Sha256,
          applyChecksum: false, // STS takes the hash from the body itself
        });
        const { headers } = await signer.sign(identityRequest(endpoint, claim));
        const { authorization, 'x-amz-date': date, [TOKEN_HEADER]: token } = headers;
        if (authorization === undefined || date === undefined) {
          throw new LockkeeperError('Internal', 'the request was not signed');
        }
        return { authorization, date, ...(token !== undefined && { token }) };
      } catch (error) {
        throw serviceError('STS', 'sign who the caller is', error);
      }
    },
  };
}
