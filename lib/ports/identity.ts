import type { Claim } from '../core/identity/claim.ts';
import type { IdentityProof } from '../core/identity/proof.ts';

/** Proves who we are to somebody else, for one claim and a few minutes. */
export interface IdentityProver {
  prove(claim: Claim): Promise<IdentityProof>;
}

export type Identified =
  | { readonly kind: 'known'; readonly principal: string }
  /** It proves nothing: forged, made for another claim, or too old. */
  | { readonly kind: 'refused'; readonly why: string };

/** Finds out who made a proof. */
export interface IdentityVerifier {
  /** @throws LockkeeperError TargetUnreachable, Throttled when nobody could be asked */
  identify(proof: IdentityProof, claim: Claim): Promise<Identified>;
}
