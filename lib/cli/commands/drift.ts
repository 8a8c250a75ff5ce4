import { type Command, Option } from 'commander';
import { whoChanged } from '../../core/drift/who-changed.ts';
import { acceptSchema } from '../../engine/drift/accept-schema.ts';
import { type Drift, findDrift } from '../../engine/drift/find-drift.ts';
import type { Database } from '../../ports/database.ts';
import { bootstrapLedger } from '../../postgres/ledger/bootstrap.ts';
import { switchRecording } from '../../postgres/ledger/ddl-log.ts';
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

/**
 * Switches the recording of who changes the schema on or off.
 * @throws LockkeeperError NotAllowed: it needs a superuser, on RDS rds_superuser
 */
export async function recordDrift(connection: Connection, on: boolean): Promise<CommandResult> {
  return onTarget(connection, async (database) => {
    if (on) await bootstrapLedger(database);
    await switchRecording(database, on);
    return {
      exitCode: EXIT_CODES.ok,
      text: on
        ? 'who changes the schema is recorded from now on: role, application, time, command and object, not the text of the statement'
        : 'who changes the schema is not recorded any more; what was recorded is kept',
      value: { recording: on },
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

function valuesOf({ expected, found, drifted, comparison, inProgress, ...recorded }: Drift) {
  return {
    drifted,
    recording: recorded.recording,
    expected: expected ?? null,
    found,
    inProgress: inProgress ?? null,
    total: comparison?.kept === false ? null : (comparison?.total ?? 0),
    differences: (comparison?.differences ?? []).map((each) => ({
      ...each,
      expected: each.expected ?? null,
      found: each.found ?? null,
      changedBy: whoChanged(each.name, recorded.changes) ?? null,
    })),
  };
}

interface GivenOptions {
  readonly accept?: true;
  readonly reason?: string;
  readonly record?: 'on' | 'off';
}

export function addDrift(program: Command, cli: Cli): void {
  program
    .command('drift')
    .description('what of the schema is not as the ledger expects, object by object')
    .option('--accept', 'make the schema as it is now what is expected')
    .option('--reason <text>', 'why it is accepted, for the ledger')
    .addOption(
      new Option('--record <state>', 'record who changes the schema, by an event trigger').choices([
        'on',
        'off',
      ]),
    )
    .action(async (given: GivenOptions, verb: Command) => {
      const { accept, reason, record } = given;
      if ((accept === true) !== (reason !== undefined)) {
        return verb.error('error: --accept and --reason belong together');
      }
      if (record !== undefined && accept === true) {
        return verb.error('error: --record and --accept are two things');
      }
      return onEnvironment(cli, verb, (connection) => {
        if (record !== undefined) return recordDrift(connection, record === 'on');
        return reason === undefined ? showDrift(connection) : acceptDrift(connection, reason);
      });
    });
}
