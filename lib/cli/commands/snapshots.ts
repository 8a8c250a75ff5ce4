import type { Command } from 'commander';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { snapshotsView } from '../views/snapshots-view.ts';

/** The snapshots of the target that executions took and that still exist. */
export async function snapshots(connection: Connection): Promise<CommandResult> {
  const { clusterIdentifier } = connection.target;
  const all = await connection.clusters.listSnapshots(clusterIdentifier);
  const ours = all
    .filter(({ tags }) => tags['lockkeeper:execution'] !== undefined)
    .toSorted((left, right) => right.createdAt - left.createdAt);
  return {
    exitCode: EXIT_CODES.ok,
    text: snapshotsView(ours),
    value: { clusterIdentifier, snapshots: ours },
  };
}

export function addSnapshots(program: Command, cli: Cli): void {
  program
    .command('snapshots')
    .description('the snapshots that executions took of the target')
    .action(async (_options: unknown, verb: Command) => onEnvironment(cli, verb, snapshots));
}
