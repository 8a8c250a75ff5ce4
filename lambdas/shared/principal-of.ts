import type { HandlerWiring } from '../../lib/aws/wiring.ts';
import { LockkeeperError } from '../../lib/core/errors.ts';
import type { Decision } from '../../lib/core/gates/parse-command.ts';
import { claimOfDecision } from '../../lib/core/identity/claim.ts';
import type { IdentityProof } from '../../lib/core/identity/proof.ts';

/**
 * Who decides, as STS says; what a caller calls themselves does not count.
 * @throws LockkeeperError NotAllowed when the proof is not of this very decision
 */
export async function principalOf(
  decision: Decision,
  proof: IdentityProof,
  { identities }: HandlerWiring,
): Promise<string> {
  if (identities === undefined) {
    throw new LockkeeperError('Internal', 'this handler may not ask who somebody is', {
      fix: 'add the identify capability to it in lib/core/workflow/handlers.ts',
    });
  }
  const identified = await identities.identify(proof, claimOfDecision(decision));
  if (identified.kind === 'known') return identified.principal;
  throw new LockkeeperError('NotAllowed', `nobody decided: ${identified.why}`, {
    fix: 'decide with lockkeeper approve, reject, signal, pause or abort, which sign who you are',
  });
}
