import type { ChainColumns } from './columns-of-chain.ts';

/** A `down` of `alter_column` that names a column which never existed. */
export interface StaleDown {
  readonly path: readonly (string | number)[];
  readonly written: string;
  /** The column that changes: the name that was meant. */
  readonly column: string;
}

const NAME = /^[a-z_][a-z0-9_$]*$/;

/**
 * `alter_column` of earlier pgroll versions could give a column another name as well, and `down`
 * then spoke of that name. pgroll finds out when the new version writes its first row; files of that
 * time are still around, pgroll's own examples among them. Only a name by itself, which no file of
 * the chain ever gave the table, is taken for the changed column; anything else stays as it is.
 */
export function staleDowns(
  operations: readonly object[],
  known: ChainColumns,
): readonly StaleDown[] {
  return operations.flatMap((operation, index) => {
    const alter: unknown = 'alter_column' in operation ? operation.alter_column : undefined;
    if (typeof alter !== 'object' || alter === null) return [];
    const { table, column, down } = alter as Readonly<Record<string, unknown>>;
    if (typeof table !== 'string' || typeof column !== 'string' || typeof down !== 'string') {
      return [];
    }
    const isStale = NAME.test(down) && down !== column && known.neverHad(table, down);
    return isStale
      ? [{ path: ['operations', index, 'alter_column', 'down'], written: down, column }]
      : [];
  });
}
