import type { STSClient } from '@aws-sdk/client-sts';
import { LockkeeperError } from '../../core/errors.ts';
import type { Claim } from '../../core/identity/claim.ts';
import type { IdentityProof } from '../../core/identity/proof.ts';
import { durationMs } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Identified, IdentityVerifier } from '../../ports/identity.ts';
import { errorMessage } from '../service-error.ts';
import { reasonToRefuse } from './check-proof.ts';
import { identityRequest, TOKEN_HEADER } from './identity-request.ts';
import { type StsPlace, stsPlace } from './sts-endpoint.ts';

/** STS answers in milliseconds; a call that hangs is better made again. */
const ANSWER_WITHIN_MS = 5_000;
const ATTEMPTS = 3;
const PAUSE_MS = 200;

/** STS of the client's region decides whose proof it is; no part of its address comes from the proof. */
export function stsVerifier(client: STSClient, clock: Clock): IdentityVerifier {
  return {
    async identify(proof, claim) {
      const place = await stsPlace(client);
      const why = reasonToRefuse(proof, place.region, clock.now());
      if (why !== undefined) return { kind: 'refused', why };
      for (let attempt = 1; ; attempt += 1) {
        const answer = await ask(place, proof, claim);
        if (answer.kind !== 'no-answer') return answer;
        if (attempt === ATTEMPTS) throw unreachable(answer.why);
        await clock.sleep(durationMs(PAUSE_MS * attempt));
      }
    },
  };
}

type Answer = Identified | { readonly kind: 'no-answer'; readonly why: string };

async function ask(
  { endpoint }: StsPlace,
  { authorization, date, token }: IdentityProof,
  claim: Claim,
): Promise<Answer> {
  const { method, headers, body } = identityRequest(endpoint, claim);
  try {
    const response = await fetch(endpoint, {
      method,
      body,
      headers: {
        ...withoutHost(headers),
        authorization,
        'x-amz-date': date,
        ...(token !== undefined && { [TOKEN_HEADER]: token }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return read(response.status, await response.text());
  } catch (error) {
    return { kind: 'no-answer', why: errorMessage(error) };
  }
}

/** `fetch` writes it from the address. */
function withoutHost({ host: _host, ...others }: Readonly<Record<string, string>>) {
  return others;
}

function read(status: number, xml: string): Answer {
  const principal = /<Arn>(arn:[^<\s]+)<\/Arn>/.exec(xml)?.[1];
  if (status === 200 && principal !== undefined) return { kind: 'known', principal };
  const code = /<Code>([^<]+)<\/Code>/.exec(xml)?.[1] ?? `status ${status}`;
  // 4xx is an answer about the proof; the rest, and throttling, says nothing about it.
  const answered = status >= 400 && status < 500 && status !== 429 && !/throttl/i.test(code);
  return answered
    ? { kind: 'refused', why: `STS does not accept the signature: ${code}` }
    : { kind: 'no-answer', why: code };
}

function unreachable(why: string): LockkeeperError {
  return new LockkeeperError('TargetUnreachable', `STS did not say who it is: ${why}`, {
    fix: 'try again; nothing was decided',
  });
}
