/**
 * Runs a chain of pgroll migration files, each through its whole life (expand and back; expand to
 * contract and back; expand to the end) on an embedded PostgreSQL, while an application writes.
 *
 *     npm run compat:pgroll -- --dir <folder>
 *
 * Prints a table and ends with 1 when a file fails.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ImportedMigration, importPgroll } from '../lib/core/import/import-pgroll.ts';
import { renderProblems } from '../lib/core/migration/render-problems.ts';
import { chainOf } from '../test/support/life-cycle/chain.ts';

const { values: given } = parseArgs({ options: { dir: { type: 'string' } } });
if (given.dir === undefined) {
  process.stderr.write('which folder? npm run compat:pgroll -- --dir <folder>\n');
  process.exit(2);
}

const migrations = await read(given.dir);
const chain = await chainOf();
const widths = [
  Math.max(...migrations.map(({ from }) => from.length)),
  Math.max(
    'operations'.length,
    ...migrations.map(({ operations }) => operations.join(', ').length),
  ),
  'passed'.length,
  'took'.length + 2,
];
let failed = 0;
print(['file', 'operations', 'result', 'took', 'why not']);
try {
  for (const migration of migrations) {
    const start = performance.now();
    const why = await chain.run(migration);
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    if (why !== undefined) failed += 1;
    const result = why === undefined ? 'passed' : 'FAILED';
    print([migration.from, migration.operations.join(', '), result, `${seconds} s`, why ?? '']);
  }
} finally {
  await chain.close();
}
process.stdout.write(`\n${migrations.length - failed} of ${migrations.length} passed\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function read(directory: string): Promise<readonly ImportedMigration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ name }) => ({
        file: name,
        text: await readFile(join(directory, name), 'utf8'),
      })),
  );
  const parsed = importPgroll(files);
  if (parsed.kind === 'parsed') return parsed.value.migrations;
  process.stderr.write(`${renderProblems(parsed.problems)}\n`);
  process.exit(1);
}

/** Row by row, because a chain takes minutes. */
function print(row: readonly string[]): void {
  const cells = row.map((cell, column) => cell.replaceAll(/\s+/g, ' ').padEnd(widths[column] ?? 0));
  process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
}
