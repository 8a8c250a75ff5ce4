import { z } from 'zod';
import { KNOB_NAMES, type Tuning } from '../backfill/tuning.ts';
import { LockkeeperError } from '../errors.ts';
import { type IdentityProof, proofSchema } from '../identity/proof.ts';
import { type ExecutionId, type PlanHash, parseExecutionId } from '../ids.ts';
import { STOPS, type StopName } from './gate.ts';

/** What somebody says to a running execution. */
export type Decision = { readonly executionId: ExecutionId } & (
  | {
      readonly kind: 'approve';
      readonly gate: StopName;
      readonly reason?: string | undefined;
      readonly planHash?: PlanHash | undefined;
    }
  | { readonly kind: 'reject'; readonly gate: StopName; readonly reason: string }
  | {
      readonly kind: 'signal';
      readonly signalId: string;
      readonly name: string;
      readonly version?: string | undefined;
    }
  | {
      readonly kind: 'abort' | 'pause' | 'unpause' | 'accept-quarantine';
      readonly reason: string;
    }
  /** Replaces the tuning before it; an empty one is as declared. */
  | { readonly kind: 'tune'; readonly tuning: Tuning; readonly reason: string }
);

/** What the decide-gate function is sent: nobody says who they are, they prove it. */
export interface DecisionMessage {
  readonly decision: Decision;
  readonly proof: IdentityProof;
}

/** What it answers: expected refusals are values, so that a caller can tell them from a crash. */
export type DecisionReply =
  | { readonly ok: true; readonly message: string; readonly woken: boolean }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly fix: string | null;
    };

const common = {
  executionId: z.string().transform((text, context): ExecutionId => {
    const parsed = parseExecutionId(text);
    if (parsed === undefined) context.addIssue({ code: 'custom', message: 'not an execution id' });
    return parsed ?? z.NEVER;
  }),
};
const said = z.string().min(1).max(2_000);
const planHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((text) => text as PlanHash);

const decision = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('approve'),
    gate: z.enum(STOPS),
    reason: said.optional(),
    planHash: planHash.optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('reject'), gate: z.enum(STOPS), reason: said }),
  z.strictObject({
    ...common,
    kind: z.literal('signal'),
    signalId: z.string().min(1).max(200),
    name: z.string().min(1).max(100),
    version: z.string().max(200).optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.enum(['abort', 'pause', 'unpause', 'accept-quarantine']),
    reason: said,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('tune'),
    tuning: z.partialRecord(z.enum(KNOB_NAMES), z.number()),
    reason: said,
  }),
]);

const message = z.strictObject({ decision, proof: proofSchema });

/** @throws LockkeeperError NotAllowed when it is not a message of this version */
export function parseDecisionMessage(event: unknown): DecisionMessage {
  const result = message.safeParse(event);
  if (result.success) return result.data;
  throw new LockkeeperError('NotAllowed', `not a decision: ${z.prettifyError(result.error)}`);
}
