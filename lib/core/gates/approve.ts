import type { EpochMs, PlanHash } from '../ids.ts';
import type { Approval, Decision, Gate } from './gate.ts';

/** What somebody wants to say at a gate. */
export interface DecisionRequest {
  readonly by: string;
  readonly at: EpochMs;
  readonly reason: string | undefined;
  /** The plan the person looked at; undefined when they looked at none. */
  readonly planHash: PlanHash | undefined;
}

export type ApprovalAnswer =
  | { readonly kind: 'accepted'; readonly gate: Gate; readonly complete: boolean }
  /** The same person had approved before; nothing changes. */
  | { readonly kind: 'repeated'; readonly gate: Gate }
  | { readonly kind: 'refused'; readonly why: RefusalReason; readonly message: string };

export type RefusalReason =
  | 'already-decided'
  | 'plan-changed'
  | 'four-eyes'
  | 'not-an-approval-gate';

/**
 * Adds one person's approval, or says why not.
 * @param startedBy who started the execution, when the environment asks for four eyes
 */
export function approve(
  gate: Gate,
  request: DecisionRequest,
  startedBy: string | undefined,
): ApprovalAnswer {
  if (gate.decision !== undefined) return decidedAlready(gate);
  if (gate.declared.kind !== 'approval') {
    return refuse(
      'not-an-approval-gate',
      `gate ${gate.name} waits for a ${gate.declared.kind}, not for an approval`,
    );
  }
  if (request.planHash !== undefined && request.planHash !== gate.planHash) {
    return refuse(
      'plan-changed',
      `you approved plan ${request.planHash.slice(0, 12)}, but the execution runs plan ${gate.planHash.slice(0, 12)}; look at the plan again`,
    );
  }
  if (startedBy !== undefined && startedBy === request.by) {
    return refuse(
      'four-eyes',
      `${request.by} started this execution and may not approve its ${gate.name} gate; somebody else has to`,
    );
  }
  if (gate.approvals.some((approval) => approval.by === request.by)) {
    return { kind: 'repeated', gate };
  }
  const approval: Approval = { by: request.by, at: request.at, reason: request.reason };
  const approvals = [...gate.approvals, approval];
  const complete = approvals.length >= gate.declared.approvals;
  const decision: Decision | undefined = complete
    ? { kind: 'approved', at: request.at, by: approvals.map(({ by }) => by).join(', ') }
    : undefined;
  return {
    kind: 'accepted',
    complete,
    gate: { ...gate, approvals, decision, revision: gate.revision + 1 },
  };
}

/** A no from one person is enough, at any kind of gate. */
export function reject(
  gate: Gate,
  request: DecisionRequest & { readonly reason: string },
): ApprovalAnswer {
  if (gate.decision !== undefined) return decidedAlready(gate);
  const { by, at, reason } = request;
  return {
    kind: 'accepted',
    complete: true,
    gate: {
      ...gate,
      decision: { kind: 'rejected', by, at, reason },
      revision: gate.revision + 1,
    },
  };
}

function decidedAlready(gate: Gate): ApprovalAnswer {
  const decision = gate.decision;
  const by = decision !== undefined && 'by' in decision ? ` by ${decision.by}` : '';
  return refuse(
    'already-decided',
    `gate ${gate.name} was ${decision?.kind ?? 'decided'}${by} already`,
  );
}

function refuse(why: RefusalReason, message: string): ApprovalAnswer {
  return { kind: 'refused', why, message };
}
