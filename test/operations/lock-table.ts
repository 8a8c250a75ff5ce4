import { type Action, PHASES, type Plan } from '../../lib/core/plan/plan.ts';
import { blockedBy } from '../../lib/core/sql/lock-conflicts.ts';
import { compareLockModes, type LockMode } from '../../lib/core/sql/lock-mode.ts';
import type { MeasuredLock } from '../support/life-cycle/measured-locks.ts';

/** What one kind of statement of an operation locked, in all the cases that had it. */
interface Row {
  readonly operation: string;
  readonly phase: string;
  readonly statement: string;
  announced: LockMode | undefined;
  measured: LockMode | undefined;
  readonly online: boolean;
  times: number;
}

/** Gathers the measured locks of many life cycles into the page docs/operations-locks.md. */
export class LockTable {
  readonly #rows = new Map<string, Row>();

  /** @param operation the only one of the migration */
  add(operation: string, plan: Plan, measured: readonly MeasuredLock[]): void {
    for (const step of plan.steps) {
      if (step.kind !== 'statement') continue;
      this.#record(operation, step.phase, step.action, measured);
      if (step.undo.kind === 'statement') {
        this.#record(operation, `${step.phase}, undone`, step.undo.action, measured);
      }
    }
  }

  page(cases: number): string {
    // In the order in which the operations came, and theirs in the order of the phases.
    const operations = [...new Set([...this.#rows.values()].map(({ operation }) => operation))];
    const place = ({ operation, phase }: Row) =>
      operations.indexOf(operation) * PHASES.length +
      PHASES.findIndex((each) => phase.startsWith(each));
    const rows = [...this.#rows.values()].toSorted((a, b) => place(a) - place(b));
    return [
      '# Locks of operations, measured',
      '',
      'Written by `node scripts/operation-cases.ts --write`; do not edit. Each row is one kind of statement that an operation becomes, in all the cases of',
      `test/operations that have it (${cases} migrations, each through its whole life on PostgreSQL 18 with two applications writing). *Announced* is the strongest`,
      'lock in the plan, *measured* the strongest lock on a table, from `pg_locks` right before the commit. A measured lock is never stronger than the announced one, except',
      'for locks that stop nobody (up to ROW EXCLUSIVE): the tests hold every case to that, table by table. Statements marked *online* run outside of a transaction and are measured in `test/data/lock-facts.json`.',
      '',
      '| Operation | Phase | Statement | Announced | Measured | Blocks | Runs |',
      '|---|---|---|---|---|---|---|',
      ...rows.map(
        ({ operation, phase, statement, announced, measured, online, times }) =>
          `| ${operation} | ${phase} | ${statement} | ${announced ?? 'none'} | ${online ? 'online' : (measured ?? 'none')} | ${announced === undefined ? 'nothing' : blockedBy(announced)} | ${times} |`,
      ),
      '',
    ].join('\n');
  }

  #record(
    operation: string,
    phase: string,
    action: Action,
    measured: readonly MeasuredLock[],
  ): void {
    const key = [operation, phase, action.statementKind].join('|');
    const row = this.#rows.get(key) ?? {
      operation,
      phase,
      statement: action.statementKind,
      announced: undefined,
      measured: undefined,
      online: action.policy.kind === 'online',
      times: 0,
    };
    this.#rows.set(key, row);
    row.announced = strongest([...action.locks.map(({ mode }) => mode), row.announced]);
    // Twice the same statement in a life: the first way there, and the second.
    const own = measured.filter(({ sql }) => sql === action.sql);
    row.measured = strongest([...own.map(({ mode }) => mode), row.measured]);
    row.times += 1;
  }
}

function strongest(modes: readonly (LockMode | undefined)[]): LockMode | undefined {
  return modes.filter((mode) => mode !== undefined).toSorted((a, b) => compareLockModes(b, a))[0];
}
