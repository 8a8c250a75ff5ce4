import type { Command } from 'commander';
import { acceptSchema } from '../../engine/drift/accept-schema.ts';
import { type Drift, findDrift } from '../../engine/drift/find-drift.ts';
import type { Database } from '../../ports/database.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { acceptedView, driftView } from '../views/drift-view.ts';

/** What of the schema is not as the ledger expects. Reads only. */
export async function showDrift(connection: Connection): Promise<CommandResult> {
  return onTarget(connection, async (database) => {
    const drift = await findDrift(database);
    return {
      exitCode: drift.drifted ? EXIT_CODES.drifted : EXIT_CODES.ok,
      text: driftView(drift),
      value: { ...valuesOf(drift), accepted: null },
    };
  });
}

/**
 * Makes the schema as it is what the ledger expects.
 * @throws LockkeeperError LeaseHeld, WrongState while a migration is half way
 */
export async function acceptDrift(connection: Connection, reason: string): Promise<CommandResult> {
  return onTarget(connection, async (database) => {
    const drift = await findDrift(database);
    const { control, target, by } = connection;
    const accepted = await acceptSchema({ control, database, target: target.name }, { by, reason });
    return {
      exitCode: EXIT_CODES.ok,
      text: acceptedView(drift, accepted),
      value: { ...valuesOf(drift), accepted: { fingerprint: accepted, by, reason } },
    };
  });
}

async function onTarget(
  connection: Connection,
  work: (database: Database) => Promise<CommandResult>,
): Promise<CommandResult> {
  const database = connection.connectDatabase(connection.target.clusterArn);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function valuesOf({ expected, found, drifted, comparison, inProgress }: Drift) {
  return {
    drifted,
    expected: expected ?? null,
    found,
    inProgress: inProgress ?? null,
    total: comparison?.kept === false ? null : (comparison?.total ?? 0),
    differences: (comparison?.differences ?? []).map((each) => ({
      ...each,
      expected: each.expected ?? null,
      found: each.found ?? null,
    })),
  };
}

export function addDrift(program: Command, cli: Cli): void {
  program
    .command('drift')
    .description('what of the schema is not as the ledger expects, object by object')
    .option('--accept', 'make the schema as it is now what is expected')
    .option('--reason <text>', 'why it is accepted, for the ledger')
    .action(
      async (
        { accept, reason }: { readonly accept?: true; readonly reason?: string },
        verb: Command,
      ) => {
        if ((accept === true) !== (reason !== undefined)) {
          return verb.error('error: --accept and --reason belong together');
        }
        return onEnvironment(cli, verb, (connection) =>
          reason === undefined ? showDrift(connection) : acceptDrift(connection, reason),
        );
      },
    );
}
