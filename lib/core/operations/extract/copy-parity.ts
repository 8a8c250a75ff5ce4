import type { DeclaredParity, ParityPair } from '../../backfill/parity.ts';
import { quoteName } from '../../sql/sql-name.ts';
import { type TwoTables, toSql } from './two-tables.ts';

/** What the walked table is called in the statement that copies. */
export const COPY_SOURCE = 'source';

/**
 * Each row has its row in the new table, with the same values. They are compared as texts, which
 * every type has, and which are equal when a value was copied.
 */
export function copyParity(tables: TwoTables): DeclaredParity {
  const pair = (from: string, to: string): ParityPair => ({
    name: to,
    sides: {
      expected: `${COPY_SOURCE}.${quoteName(from)}::text`,
      actual: `copied.${quoteName(to)}::text`,
    },
  });
  const match = tables.keys.map(
    ({ from, to }) => `copied.${quoteName(to)} = ${COPY_SOURCE}.${quoteName(from)}`,
  );
  return {
    kind: 'compared',
    pairs: [
      ...tables.keys.map(({ from, to }) => pair(from, to)),
      ...tables.columns.map(({ physicalName, name }) => pair(physicalName, name)),
    ],
    join: `left join ${toSql(tables)} as copied on ${match.join(' and ')}`,
    where: undefined,
    onMismatch: 'stop',
  };
}
