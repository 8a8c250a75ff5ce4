import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { githubOf } from '../../core/lint/github.ts';
import { countOf, type LintReport, withProof } from '../../core/lint/lint-report.ts';
import { markdownOf } from '../../core/lint/markdown.ts';
import type { Cli } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { globalOptionsOf } from '../global-options.ts';
import { packageVersion } from '../version.ts';
import { lintView } from '../views/lint-view.ts';

const FORMATS = ['text', 'json', 'sarif', 'github', 'markdown'] as const;
type Format = (typeof FORMATS)[number];

const SERVER_VERSIONS = ['13', '14', '15', '16', '17', '18'];

export interface LintOptions {
  readonly format: Format;
  /** Major version of the target. */
  readonly serverVersion: number;
  readonly failOn: 'error' | 'warning';
  /** Runs everything on an embedded server, on this schema; undefined: nothing is run. */
  readonly prove: ProveOptions | undefined;
}

export interface ProveOptions {
  /** SQL files, or directories of them, with the schema to begin with; relative. */
  readonly schema: readonly string[];
}

/**
 * Finds what the statements below some paths endanger; needs no database, and makes one to prove it.
 * @param directory what paths are relative to
 * @throws LockkeeperError InvalidConfiguration for a path that cannot be read
 */
export async function lint(
  directory: string,
  paths: readonly string[],
  { format, serverVersion, failOn, prove }: LintOptions,
): Promise<CommandResult> {
  // The grammar is loaded by the verbs that need it.
  const { findLintInputs } = await import('../lint/find-lint-inputs.ts');
  const { lintInputs } = await import('../lint/lint-inputs.ts');
  const inputs = await findLintInputs(directory, paths);
  const linted = await lintInputs(inputs, serverVersion);
  const report = prove === undefined ? linted : await proved(directory, inputs, linted, prove);
  const fails =
    countOf(report, 'error') > 0 || (failOn === 'warning' && countOf(report, 'warning') > 0);
  return {
    exitCode: fails ? EXIT_CODES.hazards : EXIT_CODES.ok,
    text: await shown(report, format),
    value: report,
  };
}

/** The report with what running the inputs showed. */
async function proved(
  directory: string,
  inputs: Awaited<ReturnType<typeof import('../lint/find-lint-inputs.ts').findLintInputs>>,
  linted: LintReport,
  { schema }: ProveOptions,
): Promise<LintReport> {
  const { proveOnScratch } = await import('../lint/prove-on-scratch.ts');
  const { findings, proof } = await proveOnScratch(directory, schema, inputs);
  return withProof(linted, findings, proof);
}

async function shown(report: LintReport, format: Format): Promise<string> {
  switch (format) {
    case 'text':
      return lintView(report);
    case 'json':
      return JSON.stringify(report, null, 2);
    case 'github':
      return githubOf(report);
    case 'markdown':
      return markdownOf(report);
    case 'sarif': {
      // Rules are described in it.
      const { sarifOf } = await import('../../core/lint/sarif.ts');
      return JSON.stringify(sarifOf(report, packageVersion()), null, 2);
    }
  }
}

export function addLint(program: Command, cli: Cli): void {
  program
    .command('lint')
    .description('what migrations endanger, here or in SQL of other tools; needs no database')
    .argument('[paths...]', 'migrations, SQL files or directories (default: those of the project)')
    .addOption(new Option('--format <format>', 'how to show it').choices(FORMATS).default('text'))
    .addOption(
      new Option('--server-version <n>', 'major version of the target')
        .choices(SERVER_VERSIONS)
        .default('18'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'what ends with 11')
        .choices(['error', 'warning'])
        .default('error'),
    )
    .option('--prove', 'run everything on an embedded server and compare it with what was found')
    .option(
      '--schema <path>',
      'SQL file or directory to begin with, for --prove; may be given again',
      (path: string, paths: readonly string[]) => [...paths, path],
      [],
    )
    .action(
      async (
        paths: readonly string[],
        given: {
          readonly format: Format;
          readonly serverVersion: string;
          readonly failOn: LintOptions['failOn'];
          readonly prove?: true;
          readonly schema: readonly string[];
        },
        verb: Command,
      ) => {
        const { schema } = given;
        if (given.prove === undefined && schema.length > 0) {
          return verb.error('error: --schema is what --prove begins with');
        }
        const options: LintOptions = {
          ...given,
          serverVersion: Number(given.serverVersion),
          prove: given.prove && { schema },
        };
        if (paths.length > 0) return cli.print(await lint(cli.directory, paths, options));
        const { root, configuration } = await cli.openProject(globalOptionsOf(verb));
        const migrations = resolve(join(root, configuration.migrationsDirectory));
        return cli.print(await lint(cli.directory, [migrations], options));
      },
    );
}
