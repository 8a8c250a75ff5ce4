import type { ExecutionStatus } from '../executions/execution.ts';

/** What the ledger of a database that went back in time says of one execution. */
export type Standing =
  /** It knows nothing of it: it had not begun then. */
  | 'absent'
  /** It had begun and nothing of it was applied. */
  | 'begun'
  /** It was half way: steps of it are applied. */
  | 'half-way'
  | 'applied'
  | 'undone';

/**
 * How the record of an execution is made true again.
 *
 * - `keep`: record and database agree
 * - `end`: nothing of it is in the database: it ends as rolled back, in the ledger too
 * - `reopen`: it is half way in the database whatever became of it later; it waits for a person
 *   who takes it back, and keeps the target from others until then
 * - `undone`: it is not in the database any more
 * - `applied`: it is in the database again
 */
export type Correction = 'keep' | 'end' | 'reopen' | 'undone' | 'applied';

/**
 * The database is what it is; the control store remembers what happened in a past that is gone.
 * So the database decides, and each record that contradicts it is corrected.
 */
export function correctionOf(recorded: ExecutionStatus, standing: Standing): Correction {
  switch (standing) {
    case 'begun':
      return 'end';
    case 'half-way':
      return 'reopen';
    case 'applied':
      return recorded === 'succeeded' ? 'keep' : 'applied';
    case 'absent':
    case 'undone':
      return recorded === 'rejected' || recorded === 'rolled-back' ? 'keep' : 'undone';
  }
}
