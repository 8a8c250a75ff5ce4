import type { Examined } from './rule.ts';

/**
 * How a script is run.
 * - `step`: Lockkeeper's runner: every statement in a transaction of its own.
 * - `file`: the whole file in one transaction (Flyway, Rails, Liquibase, Drizzle).
 * - `autocommit`: each statement alone, unless the file says BEGIN (psql, Prisma).
 */
export type TransactionMode = 'step' | 'file' | 'autocommit';

/** Statements that commit together. */
export interface Transaction {
  /** 0-based positions in the script, BEGIN and COMMIT left out. */
  readonly members: readonly number[];
  /** Position of its BEGIN; undefined: the tool opens it. */
  readonly begin: number | undefined;
  /** False: the file ends before it does. */
  readonly closed: boolean;
}

const OPENS: ReadonlySet<string> = new Set(['begin', 'start']);
const CLOSES: ReadonlySet<string> = new Set(['commit', 'rollback', 'prepare']);

/** The transactions of a script with more than what commits by itself. */
export function transactionsOf(
  statements: readonly Examined[],
  mode: TransactionMode,
): readonly Transaction[] {
  const done: Transaction[] = [];
  let open: { begin: number | undefined; members: number[] } | undefined;
  if (mode === 'file') open = { begin: undefined, members: [] };
  for (const [index, { classification }] of statements.entries()) {
    const { statementKind, transactionControl } = classification;
    if (transactionControl && CLOSES.has(statementKind)) {
      if (open !== undefined) done.push({ ...open, closed: true });
      open = undefined;
    } else if (transactionControl && OPENS.has(statementKind)) {
      open ??= { begin: index, members: [] };
    } else if (!transactionControl) open?.members.push(index);
  }
  if (open !== undefined) done.push({ ...open, closed: open.begin === undefined });
  return done;
}
