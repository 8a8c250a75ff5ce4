import type { IdentityProof } from '../../core/identity/proof.ts';
import type { EpochMs } from '../../core/ids.ts';
import { SIGNED_HEADERS, TOKEN_HEADER } from './identity-request.ts';

/**
 * How old a proof may be, and how far the clocks of both sides may differ. STS itself takes 15
 * minutes; what is decided travels at once, so there is no reason to accept that much.
 */
const LONGEST_AGE_MS = 300_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/,\s]+\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$/;

/**
 * What STS does not look at: whether the signature covers the claim, and whether it is a fresh one.
 * @returns the first reason against the proof
 */
export function reasonToRefuse(
  { authorization, date, token }: IdentityProof,
  region: string,
  now: EpochMs,
): string | undefined {
  const [, day, signedFor, service, list] = AUTHORIZATION.exec(authorization) ?? [];
  if (list === undefined) return 'it is not a signature of version 4';
  if (signedFor !== region || service !== 'sts') {
    return `it is signed for ${service} in ${signedFor}, not for sts in ${region}`;
  }
  const signed = new Set(list.split(';'));
  const expected = token === undefined ? SIGNED_HEADERS : [...SIGNED_HEADERS, TOKEN_HEADER];
  const unsigned = expected.filter((name) => !signed.has(name));
  if (unsigned.length > 0) return `it does not cover ${unsigned.join(', ')}`;
  const age = now - millisecondsOf(date);
  if (!date.startsWith(day ?? '') || !(Math.abs(age) <= LONGEST_AGE_MS)) {
    return `it was made at ${date}, more than five minutes from now; check the clock of the machine it was made on`;
  }
  return undefined;
}

/** NaN for what is no time. */
function millisecondsOf(date: string): number {
  return Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}
