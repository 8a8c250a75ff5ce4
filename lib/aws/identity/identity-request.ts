import type { Claim } from '../../core/identity/claim.ts';

/** Carries the claim; STS knows nothing of it and still checks that it was signed. */
export const CLAIM_HEADER = 'x-lockkeeper-claim';

const CONTENT_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';

/** The one request that a proof is for, without its signature. Both sides write it by themselves. */
export function identityRequest(endpoint: URL, claim: Claim) {
  return {
    method: 'POST',
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    ...(endpoint.port !== '' && { port: Number(endpoint.port) }),
    path: '/',
    headers: {
      host: endpoint.host,
      'content-type': CONTENT_TYPE,
      [CLAIM_HEADER]: claim,
    },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  };
}

/** What a proof must have signed, so that nothing of it can be used for something else. */
export const SIGNED_HEADERS = ['content-type', 'host', 'x-amz-date', CLAIM_HEADER] as const;
export const TOKEN_HEADER = 'x-amz-security-token';
