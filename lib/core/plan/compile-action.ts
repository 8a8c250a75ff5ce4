import { durationMs } from '../ids.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import type { Classification } from '../sql/classification.ts';
import { classify } from '../sql/classify.ts';
import { afterStatement } from '../sql/earlier.ts';
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
      /** The statement, and those that commit together with it. */
      readonly examined: readonly CompiledStatement[];
    }
  | { readonly kind: 'refused'; readonly why: string };

export interface CompiledStatement {
  readonly statement: Statement;
  readonly classification: Classification;
  /** What was known when it was its turn. */
  readonly context: ClassifyContext;
}

/** The SQL of a step: a statement, and those that commit together with it. */
export interface StatementGroup {
  readonly sql: string;
  readonly together?: readonly string[];
}

/**
 * Under a strong lock everybody waits, so what takes longer than 30 s is the wrong statement for a
 * busy table. Both are below the Data API's 45 s: the server answers before the call is lost.
 */
const STRONG_STATEMENT_TIMEOUT = durationMs(30_000);
const STATEMENT_TIMEOUT = durationMs(40_000);

/** Decides how the runner treats the SQL of one step, from what its statements do. */
export function compileAction(group: StatementGroup, context: ClassifyContext): CompiledAction {
  const first = compileStatement(group.sql, context);
  if (first.kind === 'refused' || group.together === undefined) return first;
  const examined = [...first.examined];
  let action = first.action;
  for (const sql of group.together) {
    const last = examined.at(-1);
    if (last === undefined) break;
    const next = compileStatement(
      sql,
      afterStatement(last.context, last.statement, last.classification),
    );
    if (next.kind === 'refused') return next;
    examined.push(...next.examined);
    action = together(action, next.action);
  }
  const outside = examined.find(({ classification }) => !classification.transactional);
  if (outside !== undefined) {
    const { statementKind } = outside.classification;
    return { kind: 'refused', why: `${statementKind} cannot commit together with anything` };
  }
  // Its record in the ledger commits with it, so nothing needs to be asked of the catalog.
  return { kind: 'compiled', action: { ...action, probe: undefined }, examined };
}

/** Both in one transaction: the locks of both, and the stricter policy for all. */
function together(action: Action, next: Action): Action {
  const strong = [action, next].find(({ policy }) => policy.kind === 'strong');
  return {
    ...action,
    together: [...(action.together ?? []), next.sql],
    policy: strong?.policy ?? action.policy,
    locks: strongestFirst([...action.locks, ...next.locks]),
  };
}

function compileStatement(sql: string, context: ClassifyContext): CompiledAction {
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
    examined: [{ statement, classification, context }],
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

function locksOf(classification: Classification): readonly PlannedLock[] {
  return strongestFirst(
    classification.locks.map(({ relation, mode }) => ({ relation: writeName(relation), mode })),
  );
}

/**
 * Strongest first: the first one is what the runner talks about when it waits. A step of several
 * commands takes the same lock for each of them; it is said once.
 */
function strongestFirst(locks: readonly PlannedLock[]): readonly PlannedLock[] {
  const planned = locks.toSorted((a, b) => compareLockModes(b.mode, a.mode));
  return [...new Map(planned.map((lock) => [`${lock.mode} ${lock.relation}`, lock])).values()];
}
