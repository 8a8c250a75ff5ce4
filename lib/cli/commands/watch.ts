import type { Command } from 'commander';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { findExecution } from '../find-execution.ts';
import { follow } from '../follow.ts';
import { followedResult } from '../followed-result.ts';
import type { Output } from '../output.ts';
import { changeTeller } from '../tell-changes.ts';
import { statusView } from '../views/status-view.ts';

/**
 * Shows an execution until it ends.
 * @param live whether one view is redrawn in place; otherwise each change is a line
 */
export async function watch(
  connection: Connection,
  name: string | undefined,
  live: boolean,
  output: Output,
): Promise<CommandResult> {
  const { executionId } = await findExecution(connection.control, name);
  const onLook = live
    ? (facts: Parameters<typeof statusView>[0], now: number) => output.live(statusView(facts, now))
    : changeTeller(output);
  return followedResult(await follow(connection, executionId, { onLook }), connection.clock.now());
}

export function addWatch(program: Command, cli: Cli): void {
  program
    .command('watch')
    .description('follow an execution until it ends; ends with the exit code of how it went')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .action(async (name: string | undefined, _options: unknown, verb: Command) =>
      onEnvironment(cli, verb, (connection) => {
        const live = cli.interactive && verb.optsWithGlobals()['json'] !== true;
        return watch(connection, name, live, cli.output);
      }),
    );
}
