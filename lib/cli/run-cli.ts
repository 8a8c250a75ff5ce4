import { resolve } from 'node:path';
import { CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import type { CommandResult } from './command-result.ts';
import { errorResult } from './error-result.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import type { Terminal } from './terminal.ts';
import { type TerminalOutput, terminalOutput } from './terminal-output.ts';

/** Runs one command line and shows what came of it. Never throws. @returns the exit code */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const json = argv.includes('--json');
  const output = terminalOutput(terminal, terminal.interactive && !json);
  let exitCode: ExitCode = EXIT_CODES.ok;
  const show = (result: CommandResult, write: (text: string) => void): void => {
    exitCode = result.exitCode;
    output.settle();
    write(`${json ? JSON.stringify(result.value, null, 2) : result.text}\n`);
  };
  const cli = cliOn(terminal, output, (result) => show(result, (text) => terminal.write(text)));
  const program = buildProgram(cli, (text) => terminal.write(text));
  try {
    await program.parseAsync(argv.length === 0 ? ['help'] : argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok;
    const result = errorResult(error, terminal.variables['LOCKKEEPER_DEBUG'] === '1');
    show(result, (text) => (json ? terminal.write(text) : terminal.tell(text)));
  }
  return exitCode;
}

function cliOn(
  terminal: Terminal,
  output: TerminalOutput,
  print: (result: CommandResult) => void,
): Cli {
  return {
    directory: terminal.directory,
    output,
    interactive: terminal.interactive,
    print,
    interrupted: () => terminal.interrupted(),
    // Reading files needs zod and reaching an environment the SDK; help should not wait for them.
    openProject: async ({ project }) => {
      const { openProject } = await import('./project.ts');
      return openProject(resolve(terminal.directory, project ?? '.'));
    },
    connect: async (project, options) => {
      const { connect } = await import('./connect.ts');
      return connect(project, options, output);
    },
  };
}
