import type { Command } from 'commander';
import {
  type AppliedBefore,
  type Baseline,
  recordFirstBaseline,
} from '../../engine/drift/record-baseline.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Project } from '../project.ts';

/**
 * Makes the schema of a database that existed before its ledger the ledger's first entry.
 * @param upTo the last migration that the database has already; undefined: none of them
 * @throws LockkeeperError LeaseHeld, WrongState when the ledger has a history, UnknownMigration
 */
export async function baseline(
  connection: Connection,
  project: Project,
  upTo: string | undefined,
  reason: string,
): Promise<CommandResult> {
  const applied = upTo === undefined ? [] : await migrationsUpTo(project, upTo);
  const { control, target, by } = connection;
  const database = connection.connectDatabase(target.clusterArn);
  try {
    const context = { control, database, target: target.name };
    const recorded = await recordFirstBaseline(context, applied, { by, reason });
    return {
      exitCode: EXIT_CODES.ok,
      text: textOf(recorded),
      value: { ...recorded, by, reason },
    };
  } finally {
    await database.close();
  }
}

async function migrationsUpTo(project: Project, name: string): Promise<readonly AppliedBefore[]> {
  // The grammar and the file formats are loaded by the verbs that need them.
  const { findMigration, readMigrations } = await import('../project.ts');
  const all = await readMigrations(project);
  const last = findMigration(all, name);
  return all.migrations
    .filter(({ migrationId }) => migrationId <= last.migrationId)
    .map(({ migrationId, checksum }) => ({ migrationId, checksum }));
}

function textOf({ fingerprint, applied }: Baseline): string {
  return [
    ...applied.map(({ migrationId }) => `${migrationId} counts as applied`),
    `the ledger expects ${fingerprint.slice(0, 12)}, the schema as it is now`,
    '',
    'next',
    '  lockkeeper drift',
  ].join('\n');
}

export function addBaseline(program: Command, cli: Cli): void {
  program
    .command('baseline')
    .description('make an existing database, as it is, the first entry of its ledger')
    .argument('[migration]', 'the last migration that it has already')
    .requiredOption('--reason <text>', 'why, for the ledger')
    .action(
      async (
        migration: string | undefined,
        { reason }: { readonly reason: string },
        verb: Command,
      ) =>
        onEnvironment(cli, verb, (connection, project) =>
          baseline(connection, project, migration, reason),
        ),
    );
}
