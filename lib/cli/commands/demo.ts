import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Cli } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Output } from '../output.ts';

export interface DemoArguments {
  /** Rows of the largest table. @default - the demo's own */
  readonly rows: number | undefined;
  /** Whether the data stays when it is over. */
  readonly keep: boolean;
}

/** Runs the demo: real migrations under traffic, with the proof that nothing was lost. */
export async function demo({ rows, keep }: DemoArguments, output: Output): Promise<CommandResult> {
  const { runDemo } = await import('../../demo/run-demo.ts');
  const { text, value, held } = await runDemo(
    { keep, ...(rows !== undefined && { rows }) },
    output,
  );
  return { exitCode: held ? EXIT_CODES.ok : EXIT_CODES.unexpected, text, value };
}

interface DemoOptions {
  readonly rows?: number;
  readonly keep?: boolean;
}

export function addDemo(program: Command, cli: Cli): void {
  program
    .command('demo')
    .description('see a migration under traffic, a rollback and a restore, on this machine')
    .addOption(
      new Option('--rows <n>', 'rows of the largest table (default: a million)').argParser(
        rowCount,
      ),
    )
    .option('--keep', 'keep the data when it is over')
    .action(async ({ rows, keep = false }: DemoOptions) =>
      cli.print(await demo({ rows, keep }, cli.output)),
    );
}

function rowCount(text: string): number {
  const rows = Number(text.replaceAll(/[_,]/g, ''));
  if (Number.isSafeInteger(rows) && rows > 0) return rows;
  throw new InvalidArgumentError('write a whole number of rows, such as 100000');
}
