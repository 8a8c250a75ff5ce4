import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { LockkeeperError } from '../../core/errors.ts';
import { awsVariables } from '../aws-variables.ts';
import type { Cli } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import { claimDirectory } from '../directory-claim.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { type GlobalOptions, globalOptionsOf } from '../global-options.ts';
import type { Output } from '../output.ts';
import { devView } from '../views/dev-view.ts';

export interface DevArguments {
  /** Absolute. */
  readonly stateDirectory: string;
  /** A PostgreSQL that somebody else runs. @default - an embedded one */
  readonly databaseUrl: string | undefined;
  /** Example data for an empty database. @default - none */
  readonly load: 'saas' | undefined;
}

/** The embedded services, running. */
export interface DevServices {
  /** Where everything is. */
  readonly result: CommandResult;
  close(): Promise<void>;
}

/**
 * Starts the embedded AWS on a state directory.
 * @throws LockkeeperError WrongState when another process runs on it
 */
export async function startDev(args: DevArguments, output: Output): Promise<DevServices> {
  const { stateDirectory, databaseUrl } = args;
  const release = await claimDirectory(stateDirectory);
  try {
    output.progress('starting PostgreSQL and the AWS services around it');
    const { startEmbeddedAws } = await import('../../local/embedded-aws.ts');
    const aws = await startEmbeddedAws({
      stateDirectory,
      ...(databaseUrl !== undefined && { databaseUrl }),
    });
    const close = async () => {
      await aws.close();
      await release();
    };
    try {
      if (args.load === 'saas') await loadExample(aws.description.databaseUrl, output);
    } catch (error) {
      await close();
      throw error;
    }
    const { tokenSecret: _secret, ...shown } = aws.description;
    return {
      result: {
        exitCode: EXIT_CODES.ok,
        text: devView(stateDirectory, aws.description),
        value: { stateDirectory, ...shown, variables: awsVariables(aws.description) },
      },
      close,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function loadExample(databaseUrl: string, output: Output): Promise<void> {
  const { loadExampleData } = await import('../load-example-data.ts');
  await loadExampleData(databaseUrl, output);
}

interface DevOptions {
  readonly databaseUrl?: string;
  readonly state?: string;
  readonly load?: 'saas';
}

export function addDev(program: Command, cli: Cli): void {
  program
    .command('dev')
    .description('run PostgreSQL and the AWS services on this machine, until interrupted')
    .option('--database-url <url>', 'use this PostgreSQL; it gets no snapshots')
    .option('--state <dir>', 'state directory (default: that of the embedded environment)')
    .addOption(new Option('--load <example>', 'fill an empty database').choices(['saas']))
    .action(async ({ databaseUrl, state, load }: DevOptions, verb: Command) => {
      const stateDirectory = await stateDirectoryOf(cli, globalOptionsOf(verb), state);
      const interrupted = cli.interrupted();
      const services = await startDev({ stateDirectory, databaseUrl, load }, cli.output);
      cli.print(services.result);
      await interrupted;
      cli.output.progress('stopping');
      await services.close();
    });
}

async function stateDirectoryOf(
  cli: Cli,
  options: GlobalOptions,
  written: string | undefined,
): Promise<string> {
  if (written !== undefined) return resolve(cli.directory, written);
  const project = await cli.openProject(options);
  const { environmentOf } = await import('../project.ts');
  const { name, target } = environmentOf(project, options.env);
  if (target.kind === 'embedded') return join(project.root, target.stateDirectory);
  throw new LockkeeperError('InvalidConfiguration', `${name} is not an embedded environment`, {
    fix: 'use --env with an embedded one, or --state',
  });
}
