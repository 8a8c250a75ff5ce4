/**
 * Runs life cycles of operations and says how each went.
 *
 *     node scripts/operation-cases.ts [--write] [pattern of names]
 *
 * With `--write` the measured locks become docs/operations-locks.md.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ALL_CASES } from '../test/operations/cases/all-cases.ts';
import { LockTable } from '../test/operations/lock-table.ts';
import { caseRunner } from '../test/operations/run-case.ts';

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const wanted = new RegExp(positionals.join(' '));
const cases = ALL_CASES.filter(({ name }) => wanted.test(name));
const runner = caseRunner();
const table = new LockTable();
let failed = 0;
for (const each of cases) {
  const start = performance.now();
  const outcome = await runner.run(each).catch((error: unknown) => String(error));
  const took = `${Math.round(performance.now() - start)} ms`;
  const wrong =
    typeof outcome === 'string'
      ? [outcome]
      : [
          ...outcome.problems,
          ...outcome.unannounced.map(
            ({ mode, table: locked, stepId, announced }) =>
              `${mode} on ${locked} in ${stepId}, which announced ${announced ?? 'nothing'} there`,
          ),
        ];
  if (wrong.length > 0) failed += 1;
  say(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${took.padStart(8)}  ${each.name}`);
  for (const problem of wrong) say(`      ${problem.replaceAll('\n', '\n      ')}`);
  const [operation, another] = each.operations.flatMap((written) => Object.keys(written));
  if (typeof outcome !== 'string' && operation !== undefined && another === undefined) {
    if (outcome.plan !== undefined) table.add(operation, outcome.plan, outcome.locks);
  }
}
await runner.close();
say(`${cases.length - failed} of ${cases.length}`);
if (values.write && failed === 0) {
  const path = join(import.meta.dirname, '../docs/operations-locks.md');
  await writeFile(path, table.page(cases.length));
}
process.exitCode = failed === 0 ? 0 : 1;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
