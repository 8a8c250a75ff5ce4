import type { Traffic } from '../support/life-cycle/clients.ts';

/** One migration with the life that it must survive. */
export interface OperationCase {
  readonly name: string;
  /** What there is before it: tables and rows, as SQL. */
  readonly schema: string;
  /** As they are written in `operations`. */
  readonly operations: readonly Readonly<Record<string, object>>[];
  /** @default false */
  readonly versioned?: boolean;
  readonly traffic: Traffic;
  /** From when on the new application can write. @default 'expand' */
  readonly newFrom?: 'expand' | 'contract';
  /** What would have made the same change, all at once. */
  readonly plain: string;
  /** When the reference gets it; behind the writes where it fills what the triggers fill. @default 'before' */
  readonly plainIs?: 'before' | 'behind';
  /** A line of the schema that no way back changes: PostgreSQL cannot. @default none */
  readonly remains?: string;
  /** Columns whose values nobody can foretell. @default none */
  readonly unpredictable?: readonly string[];
}
