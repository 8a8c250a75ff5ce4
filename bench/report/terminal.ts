import Table from 'cli-table3';
import type { BenchFacts } from '../facts.ts';
import { tablesOf } from './tables.ts';

/** The report as text without colours. */
export function terminalReport(facts: BenchFacts): string {
  return tablesOf(facts)
    .map(({ title, head, leftColumns, rows }) => {
      const table = new Table({
        head: [...head],
        colAligns: head.map((_, column) => (column < leftColumns ? 'left' : 'right')),
        style: { head: [], border: [], compact: true },
      });
      for (const row of rows) table.push([...row]);
      return `${title}\n${table.toString()}`;
    })
    .join('\n\n');
}
