import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stsProver } from '../../../lib/aws/identity/sts-prover.ts';
import { stsVerifier } from '../../../lib/aws/identity/sts-verifier.ts';
import { systemClock } from '../../../lib/aws/system-clock.ts';
import type { Decision } from '../../../lib/core/gates/parse-command.ts';
import { claimOfDecision } from '../../../lib/core/identity/claim.ts';
import type { IdentityProof } from '../../../lib/core/identity/proof.ts';
import { type ExecutionId, epochMs } from '../../../lib/core/ids.ts';
import type { Listening } from '../../../lib/local/http/listen.ts';
import { startSts } from '../../../lib/local/sts/start-sts.ts';

const EXECUTION = '0001_a-aaaaaa' as ExecutionId;
const decision: Decision = { kind: 'approve', executionId: EXECUTION, gate: 'contract' };
const claim = claimOfDecision(decision);

describe('the proof of who decides', () => {
  const opened: { destroy(): void }[] = [];
  let down = 0;
  let sts: Listening;
  beforeAll(async () => {
    const unavailable = { kind: 'error', code: 'ServiceUnavailable', status: 503 } as const;
    sts = await startSts({
      faults: () => {
        down -= 1;
        return down >= 0 ? { ...unavailable, message: 'later' } : undefined;
      },
    });
  });
  afterAll(async () => {
    for (const client of opened) client.destroy();
    await sts.close();
  });

  const client = (
    name: string,
    more: { secret?: string; region?: string; token?: string } = {},
  ) => {
    const { secret = 'embedded', region = 'eu-central-1', token } = more;
    const made = new STSClient({
      endpoint: sts.url,
      region,
      credentials: {
        accessKeyId: name,
        secretAccessKey: secret,
        ...(token !== undefined && { sessionToken: token }),
      },
    });
    opened.push(made);
    return made;
  };
  const proofOf = (name: string, more = {}) => stsProver(client(name, more)).prove(claim);
  const verifier = (clock = systemClock) => stsVerifier(client('handler'), clock);
  const refused = (why: string) => ({ kind: 'refused', why: expect.stringContaining(why) });

  it('says whose it is, also with temporary credentials', async () => {
    const known = { kind: 'known', principal: expect.stringMatching(/:user\/olivia$/) };
    expect(await verifier().identify(await proofOf('olivia'), claim)).toEqual(known);
    const temporary = await proofOf('olivia', { token: 'of-a-session' });
    expect(temporary.token).toBe('of-a-session');
    expect(await verifier().identify(temporary, claim)).toEqual(known);
  });

  it.each<[string, Decision]>([
    ['execution', { ...decision, executionId: '0001_a-bbbbbb' as ExecutionId }],
    ['gate', { ...decision, gate: 'review' }],
    ['reason', { ...decision, reason: 'because' }],
    ['verb', { kind: 'reject', executionId: EXECUTION, gate: 'contract', reason: 'no' }],
  ])('is none for a decision with another %s', async (_what, other) => {
    const proof = await proofOf('olivia');
    expect(await verifier().identify(proof, claimOfDecision(other))).toEqual(
      refused('SignatureDoesNotMatch'),
    );
  });

  it('is none without the secret of the one it names', async () => {
    const forged = await proofOf('olivia', { secret: 'guessed' });
    expect(await verifier().identify(forged, claim)).toEqual(refused('SignatureDoesNotMatch'));
  });

  it('is none when the claim is not under the signature, though STS would accept it', async () => {
    // GIVEN what any client of STS signs
    const proof = await proofOf('olivia');
    const bare = proof.authorization.replace(';x-lockkeeper-claim', '');
    // THEN
    expect(await verifier().identify({ ...proof, authorization: bare }, claim)).toEqual(
      refused('does not cover x-lockkeeper-claim'),
    );
  });

  it('is none after five minutes, or before its time', async () => {
    const proof = await proofOf('olivia');
    for (const minutes of [6, -6]) {
      const now = () => epochMs(Date.now() + minutes * 60_000);
      expect(await verifier({ ...systemClock, now }).identify(proof, claim)).toEqual(
        refused('more than five minutes'),
      );
    }
  });

  it('is none when it was made for another service or region', async () => {
    const elsewhere = await proofOf('olivia', { region: 'us-east-1' });
    expect(await verifier().identify(elsewhere, claim)).toEqual(
      refused('signed for sts in us-east-1, not for sts in eu-central-1'),
    );
    const proof = await proofOf('olivia');
    const authorization = proof.authorization.replace('/sts/', '/s3/');
    expect(await verifier().identify({ ...proof, authorization }, claim)).toEqual(
      refused('signed for s3'),
    );
  });

  it.each<[string, Partial<IdentityProof>]>([
    ['nothing', { authorization: '' }],
    ['another scheme', { authorization: 'Bearer token' }],
    ['an older scheme', { authorization: 'AWS olivia:c2lnbmF0dXJl' }],
  ])('is none when it is %s', async (_what, change) => {
    const proof = { ...(await proofOf('olivia')), ...change };
    expect(await verifier().identify(proof, claim)).toEqual(
      refused('not a signature of version 4'),
    );
  });

  it('asks again while STS does not answer, and then decides nothing', async () => {
    // GIVEN
    const proof = await proofOf('olivia');
    down = 2;
    // WHEN THEN
    expect(await verifier().identify(proof, claim)).toMatchObject({ kind: 'known' });
    down = 10;
    await expect(verifier().identify(proof, claim)).rejects.toMatchObject({
      code: 'TargetUnreachable',
      retryable: true,
    });
    down = 0;
  });
});
