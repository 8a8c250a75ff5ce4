import { access, appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { LockkeeperError } from '../../core/errors.ts';
import type { Cli } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { globalOptionsOf } from '../global-options.ts';

const CONFIGURATION_FILE = 'lockkeeper.yaml';
const MIGRATIONS = 'migrations';
const STATE_DIRECTORY = '.lockkeeper';

const CONFIGURATION = `\
# yaml-language-server: $schema=node_modules/lockkeeper/schema/lockkeeper.schema.json
version: 1
migrations: ${MIGRATIONS}
environments:
  # A PostgreSQL and the AWS services around it, on this machine: lockkeeper dev
  embedded:
    target: {kind: embedded, state_directory: ${STATE_DIRECTORY}}
  # The deployed stack; its outputs fill in the names (docs/formats.md).
  # prod:
  #   target:
  #     kind: aws
  #     region: eu-central-1
  #     state_machine_arn: arn:aws:states:eu-central-1:123456789012:stateMachine:Lockkeeper:live
  #     restore_state_machine_arn: arn:aws:states:eu-central-1:123456789012:stateMachine:LockkeeperRestore
  #     control_table: lockkeeper-control
  #     decide_gate_function: lockkeeper-decide-gate
  #     cluster_arn: arn:aws:rds:eu-central-1:123456789012:cluster:orders
  #     secret_arn: arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf
  #     database: orders
`;

/**
 * Makes a directory a project.
 * @throws LockkeeperError WrongState when it is one already; nothing is overwritten
 */
export async function init(directory: string): Promise<CommandResult> {
  const configuration = join(directory, CONFIGURATION_FILE);
  if (await exists(configuration)) {
    throw new LockkeeperError('WrongState', `${configuration} exists already`, {
      fix: 'edit it, or use --project with another directory',
    });
  }
  await mkdir(join(directory, MIGRATIONS), { recursive: true });
  // `wx`: somebody who made it in the same moment keeps theirs.
  await writeFile(configuration, CONFIGURATION, { flag: 'wx' });
  const ignored = await ignore(directory, `${STATE_DIRECTORY}/`);
  const created = [CONFIGURATION_FILE, `${MIGRATIONS}/`, ...(ignored ? ['.gitignore'] : [])];
  return {
    exitCode: EXIT_CODES.ok,
    text: [
      `wrote ${created.join(', ')}`,
      '',
      'next',
      '  lockkeeper dev',
      '  lockkeeper new "what changes"',
    ].join('\n'),
    value: { directory, created },
  };
}

/** @returns whether the file was changed */
async function ignore(directory: string, line: string): Promise<boolean> {
  const path = join(directory, '.gitignore');
  const text = (await exists(path)) ? await readFile(path, 'utf8') : '';
  if (text.split(/\r?\n/).includes(line)) return false;
  await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
  return true;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export function addInit(program: Command, cli: Cli): void {
  program
    .command('init')
    .description('make this directory a project')
    .action(async (_options: unknown, verb: Command) => {
      const { project } = globalOptionsOf(verb);
      cli.print(await init(resolve(cli.directory, project ?? '.')));
    });
}
