/** `npm run bench`: see `USAGE`. Exit code 0: every way ran and moved each row once; 1: not; 2: wrong usage. */
import { measureAll } from './measure-all.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { problemsOf } from './problems.ts';
import { terminalReport } from './report/terminal.ts';
import { writeReport } from './report/write-report.ts';

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  const facts = await measureAll(options, tell);
  process.stdout.write(`${terminalReport(facts)}\n`);
  const problems = problemsOf(facts, options);
  for (const problem of problems) tell(problem);
  if (problems.length > 0) return 1;
  if (options.out !== undefined) {
    await writeReport(facts, options.out);
    tell(`written to ${options.out}`);
  }
  return 0;
}

function readOptions(): BenchOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    tell(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

/** To stderr: stdout is the report. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main();
