import { type Command, Option } from 'commander';
import { type DurationMs, durationMs } from '../../core/ids.ts';
import { startExecution } from '../../engine/start-execution.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { durationArgument } from '../duration-argument.ts';
import { follow } from '../follow.ts';
import { followedResult } from '../followed-result.ts';
import type { Output } from '../output.ts';
import type { Project } from '../project.ts';
import { changeTeller } from '../tell-changes.ts';

/** The longest that a Lambda function may take, so that a preparation that hangs has a name. */
const PREPARE_PATIENCE_MS = durationMs(900_000);

export interface StartArguments {
  /** Id of a migration of the project, or its number. */
  readonly migration: string;
  /** Follow it to its end, over all gates; else only until it is prepared. */
  readonly wait: boolean;
  /** @default - 15 minutes to be prepared, no limit with `wait` */
  readonly timeoutMs: DurationMs | undefined;
}

/**
 * Starts a migration. What can be checked here is checked first; what only the target can tell (a
 * lease that another execution holds, drift) is waited for, so that a refusal is seen at once.
 * @throws LockkeeperError InvalidMigration, UnknownMigration; nothing was started
 */
export async function start(
  connection: Connection,
  project: Project,
  args: StartArguments,
  output: Output,
): Promise<CommandResult> {
  const { readMigration } = await import('../read-migration.ts');
  const { migration, source } = await readMigration(
    project,
    connection.environment,
    args.migration,
  );
  const { executionId } = await startExecution(connection, migration, source);
  output.progress(`started ${executionId}`);
  const timeoutMs = args.timeoutMs ?? (args.wait ? undefined : PREPARE_PATIENCE_MS);
  const followed = await follow(connection, executionId, {
    onLook: changeTeller(output),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(!args.wait && { until: ({ execution }) => execution.status !== 'starting' }),
  });
  return followedResult(followed, connection.clock.now());
}

interface StartOptions {
  readonly wait?: boolean;
  readonly timeout?: DurationMs;
}

export function addStart(program: Command, cli: Cli): void {
  program
    .command('start')
    .description('start a migration')
    .argument('<migration>', 'id of a migration, or its number')
    .option('--wait', 'follow it until it ends, over all gates')
    .addOption(
      new Option(
        '--timeout <duration>',
        'stop waiting after this long, such as 30m; the execution goes on',
      ).argParser(durationArgument),
    )
    .action(async (migration: string, options: StartOptions, verb: Command) =>
      onEnvironment(cli, verb, (connection, project) => {
        const { wait = false, timeout } = options;
        return start(connection, project, { migration, wait, timeoutMs: timeout }, cli.output);
      }),
    );
}
