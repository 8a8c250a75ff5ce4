import type { Severity } from '../hazards/finding.ts';

/** What can be found by running a statement. */
export interface ProofRule {
  readonly id: string;
  readonly severity: Severity;
  readonly why: string;
  /** What to do about it. */
  readonly safer: string;
}

export const PROOF_RULES = {
  missed: {
    id: 'proof-missed',
    severity: 'error',
    why: 'locks, waits and gates of the plan rest on what was announced',
    safer: 'do not run it unseen, and report it: Lockkeeper is wrong about this statement',
  },
  overstated: {
    id: 'proof-overstated',
    severity: 'warning',
    why: 'a warning for nothing costs as much as one that is missing',
    safer: 'report it: Lockkeeper is wrong about this statement',
  },
  refused: {
    id: 'proof-refused',
    severity: 'error',
    why: 'the server refuses it on this schema, so it would fail there too',
    safer: 'correct it, or prove it against the schema that it is meant for (--schema)',
  },
  undo: {
    id: 'proof-undo',
    severity: 'error',
    why: 'the way back has to work at every moment, and is needed when nobody has time to repair it',
    safer: 'write an undo that takes back exactly what the step did',
  },
} as const satisfies Record<string, ProofRule>;

export const PROOF_RULES_BY_ID: ReadonlyMap<string, ProofRule> = new Map(
  Object.values(PROOF_RULES).map((rule) => [rule.id, rule]),
);
