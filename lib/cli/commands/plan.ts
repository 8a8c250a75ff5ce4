import type { Command } from 'commander';
import color from 'picocolors';
import { LockkeeperError } from '../../core/errors.ts';
import type { HashedPlan } from '../../core/plan/plan.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findExecution } from '../find-execution.ts';
import type { Project } from '../project.ts';
import { planView } from '../views/plan-view.ts';

/**
 * What a migration would do to the environment's target as it is now. Reads only.
 * @throws LockkeeperError InvalidMigration, UnknownMigration
 */
export async function previewPlan(
  connection: Connection,
  project: Project,
  migrationName: string,
): Promise<CommandResult> {
  // The grammar and the file formats are loaded by the verbs that need them.
  const { readMigration } = await import('../read-migration.ts');
  const { compileFor } = await import('../compile-for.ts');
  const read = await readMigration(project, connection.environment, migrationName);
  const database = connection.connectDatabase(connection.target.clusterArn);
  try {
    const { plan, obstacle } = await compileFor(database, read);
    return planResult(plan, { executionId: null, obstacle: obstacle ?? null });
  } finally {
    await database.close();
  }
}

/** The plan that an execution runs, as it was stored; approvals bind to its hash. */
export async function storedPlan(connection: Connection, name: string): Promise<CommandResult> {
  const { executionId, status } = await findExecution(connection.control, name);
  const plan = await connection.control.getPlan(executionId);
  if (plan === undefined) {
    throw new LockkeeperError(
      'WrongState',
      `execution ${executionId} has no plan; it is ${status}`,
      {
        fix: `lockkeeper status ${executionId}`,
      },
    );
  }
  return planResult(plan, { executionId, obstacle: null });
}

function planResult(
  plan: HashedPlan,
  about: { readonly executionId: string | null; readonly obstacle: string | null },
): CommandResult {
  const refused =
    about.obstacle === null
      ? []
      : ['', color.yellow(`start would be refused now: ${about.obstacle}`)];
  return {
    exitCode: EXIT_CODES.ok,
    text: [planView(plan), ...refused].join('\n'),
    value: { ...about, ...plan },
  };
}

export function addPlan(program: Command, cli: Cli): void {
  program
    .command('plan')
    .description('show what a migration would do, with locks, waits and ways back; changes nothing')
    .argument('[migration]', 'id of a migration, or its number')
    .option('--execution <execution>', 'show the plan that this execution runs instead')
    .action(
      async (
        migration: string | undefined,
        { execution }: { readonly execution?: string },
        verb: Command,
      ) => {
        if (migration !== undefined && execution === undefined) {
          return onEnvironment(cli, verb, (connection, project) =>
            previewPlan(connection, project, migration),
          );
        }
        if (migration === undefined && execution !== undefined) {
          return onEnvironment(cli, verb, (connection) => storedPlan(connection, execution));
        }
        return verb.error('error: name a migration, or an execution with --execution');
      },
    );
}
