import { durationMs } from '../ids.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import type { Classification } from '../sql/classification.ts';
import { classify } from '../sql/classify.ts';
import { compareLockModes } from '../sql/lock-mode.ts';
import { probeFor } from '../sql/probe.ts';
import { type Statement, split } from '../sql/split.ts';
import { writeName } from '../sql/sql-name.ts';
import { LOCK_LADDER } from './lock-ladder.ts';
import type { Action, LockPolicy, PlannedLock } from './plan.ts';

export type CompiledAction =
  | {
      readonly kind: 'compiled';
      readonly action: Action;
      readonly statement: Statement;
      readonly classification: Classification;
    }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Under a strong lock everybody waits, so what takes longer than 30 s is the wrong statement for a
 * busy table. Both are below the Data API's 45 s: the server answers before the call is lost.
 */
const STRONG_STATEMENT_TIMEOUT = durationMs(30_000);
const STATEMENT_TIMEOUT = durationMs(40_000);

/** Decides how the runner treats one statement, from what the statement does. */
export function compileAction(sql: string, context: ClassifyContext): CompiledAction {
  const parts = split(context.parser, sql);
  if (parts.kind === 'syntax-error') return { kind: 'refused', why: parts.message };
  const [statement, another] = parts.statements;
  if (statement === undefined || another !== undefined) {
    return { kind: 'refused', why: `${parts.statements.length} statements instead of one` };
  }
  const classification = classify(statement, context);
  const probe = probeFor(statement);
  if (!classification.transactional && probe === undefined) {
    return {
      kind: 'refused',
      why: `${classification.statementKind} cannot run in a transaction and leaves nothing in the catalog that tells whether it was done, so it could not be resumed safely`,
    };
  }
  const required = classification.requiresVersion;
  if (required !== undefined && required > context.serverVersion) {
    return {
      kind: 'refused',
      why: `it needs PostgreSQL ${required}, the target has ${context.serverVersion}`,
    };
  }
  return {
    kind: 'compiled',
    statement,
    classification,
    action: {
      sql: statement.text,
      statementKind: classification.statementKind,
      policy: policyOf(classification),
      transactional: classification.transactional,
      locks: locksOf(classification),
      probe,
    },
  };
}

function policyOf(classification: Classification): LockPolicy {
  switch (classification.lockPolicy) {
    case 'online':
      return { kind: 'online' };
    case 'none':
      return { kind: 'none', statementTimeoutMs: STATEMENT_TIMEOUT };
    case 'strong':
      return {
        kind: 'strong',
        lockTimeoutMs: LOCK_LADDER[0]?.lockTimeoutMs ?? durationMs(100),
        statementTimeoutMs: STRONG_STATEMENT_TIMEOUT,
      };
  }
}

/**
 * Strongest first: the first one is what the runner talks about when it waits. A statement of
 * several commands takes the same lock for each of them; it is said once.
 */
function locksOf(classification: Classification): readonly PlannedLock[] {
  const planned = classification.locks
    .toSorted((a, b) => compareLockModes(b.mode, a.mode))
    .map(({ relation, mode }) => ({ relation: writeName(relation), mode }));
  return [...new Map(planned.map((lock) => [`${lock.mode} ${lock.relation}`, lock])).values()];
}
