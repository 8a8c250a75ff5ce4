/**
 * What a handler tells the state machine. Expected results are returned, so that a Choice routes
 * on them; throwing is for the unexpected and leads to the same rollback through Catch.
 */
export type Outcome =
  | { readonly kind: 'done' }
  /** Time is up for this call, there is more to do: call again. */
  | { readonly kind: 'continue' }
  /** Call again after this many seconds. */
  | { readonly kind: 'wait'; readonly seconds: number; readonly reason: string }
  /** Refused before anything was changed, or by a person at a gate. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** It went wrong in a way we know; everything tried is recorded. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Somebody asked to stop. */
  | { readonly kind: 'aborted'; readonly reason: string }
  /** Made by a version that this one does not know, so nothing was done with it. */
  | { readonly kind: 'incompatible'; readonly reason: string };

export type OutcomeKind = Outcome['kind'];

/** How an outcome looks in the payload: always the same fields, so that every path resolves. */
export interface OutcomePayload {
  readonly outcome: OutcomeKind;
  /** 0 unless the outcome is `wait`; whole seconds. */
  readonly seconds: number;
  /** For people reading the state machine's history. */
  readonly reason: string;
}

export const done: Outcome = { kind: 'done' };
export const proceed: Outcome = { kind: 'continue' };

export function toPayload(outcome: Outcome): OutcomePayload {
  return {
    outcome: outcome.kind,
    seconds: outcome.kind === 'wait' ? Math.max(1, Math.ceil(outcome.seconds)) : 0,
    reason: 'reason' in outcome ? outcome.reason : '',
  };
}
