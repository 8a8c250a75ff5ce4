import type { Command } from 'commander';
import color from 'picocolors';
import { LockkeeperError } from '../../core/errors.ts';
import type { HashedPlan, Plan } from '../../core/plan/plan.ts';
import { planMarkdown } from '../../core/plan/plan-markdown.ts';
import type { Rehearsal, RollbackTable } from '../../core/plan/rollback-table.ts';
import type { Condition } from '../../core/preflight/condition.ts';
import type { Forecast } from '../../core/preflight/forecast.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import type { Database } from '../../ports/database.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findExecution } from '../find-execution.ts';
import { findRehearsals } from '../find-rehearsals.ts';
import { globalOptionsOf } from '../global-options.ts';
import type { Project } from '../project.ts';
import { conditionsView } from '../views/conditions-view.ts';
import { forecastsView } from '../views/forecasts-view.ts';
import { planView } from '../views/plan-view.ts';
import { rollbackView } from '../views/rollback-view.ts';

export interface PlanOptions {
  /** For a pull request, instead of the text for a terminal. @default false */
  readonly markdown?: boolean;
  /** Other environments' knowledge of executions. @default none */
  readonly rehearsals?: readonly ControlStore[];
}

/**
 * What a migration would do to the environment's target as it is now. Reads only.
 * @throws LockkeeperError InvalidMigration, UnknownMigration
 */
export async function previewPlan(
  connection: Connection,
  project: Project,
  migrationName: string,
  options: PlanOptions = {},
): Promise<CommandResult> {
  // The grammar and the file formats are loaded by the verbs that need them.
  const { readMigration } = await import('../read-migration.ts');
  const { compileFor } = await import('../compile-for.ts');
  const read = await readMigration(project, connection.environment, migrationName);
  const database = connection.connectDatabase(connection.target.clusterArn);
  try {
    const known = await rehearsalsOf(connection, read.migration, options);
    const measured = known.map(({ environment, executionId, measured: times = new Map() }) => ({
      where: `${environment}, ${executionId}`,
      times,
    }));
    const { plan, obstacle, ...found } = await compileFor(database, read, measured);
    const about = { executionId: null, obstacle: obstacle ?? null, ...found };
    return await planResult(database, plan, about, known, options);
  } finally {
    await database.close();
  }
}

/** The plan that an execution runs, as it was stored; approvals bind to its hash. */
export async function storedPlan(
  connection: Connection,
  name: string,
  options: PlanOptions = {},
): Promise<CommandResult> {
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
  const database = connection.connectDatabase(connection.target.clusterArn);
  try {
    const about = { executionId, obstacle: null, conditions: [], forecasts: [] };
    const known = await rehearsalsOf(connection, plan.plan, options);
    return await planResult(database, plan, about, known, options);
  } finally {
    await database.close();
  }
}

interface About {
  readonly executionId: string | null;
  readonly obstacle: string | null;
  /** What the target is like now; empty for a stored plan. */
  readonly conditions: readonly Condition[];
  /** How long each step works; empty for a stored plan. */
  readonly forecasts: readonly Forecast[];
}

async function planResult(
  database: Database,
  plan: HashedPlan,
  about: About,
  known: readonly Rehearsal[],
  { markdown = false }: PlanOptions,
): Promise<CommandResult> {
  const { rollbackOf } = await import('../rollback-of.ts');
  const rollback = await rollbackOf(database, plan.plan, known);
  return {
    exitCode: EXIT_CODES.ok,
    text: markdown ? planMarkdown(plan, rollback, about.obstacle) : textOf(plan, rollback, about),
    value: { ...about, ...plan, rollback },
  };
}

/** Those of the environment itself first. */
async function rehearsalsOf(
  { control }: Connection,
  files: Pick<Plan, 'migrationId' | 'checksum'>,
  { rehearsals = [] }: PlanOptions,
): Promise<readonly Rehearsal[]> {
  const stores = [control, ...rehearsals];
  return (await Promise.all(stores.map((store) => findRehearsals(store, files)))).flat();
}

function textOf(plan: HashedPlan, rollback: RollbackTable, about: About): string {
  const refused =
    about.obstacle === null
      ? []
      : ['', color.yellow(`start would be refused now: ${about.obstacle}`)];
  return [
    planView(plan),
    '',
    rollbackView(rollback),
    ...forecastsView(about.forecasts),
    ...conditionsView(about.conditions),
    ...refused,
  ].join('\n');
}

interface GivenOptions {
  readonly execution?: string;
  readonly markdown?: true;
  readonly rehearsedIn?: string;
}

export function addPlan(program: Command, cli: Cli): void {
  program
    .command('plan')
    .description('show what a migration would do, with locks, waits and ways back; changes nothing')
    .argument('[migration]', 'id of a migration, or its number')
    .option('--execution <execution>', 'show the plan that this execution runs instead')
    .option('--markdown', 'for a pull request')
    .option('--rehearsed-in <environment>', 'also look there for rehearsals of the same files')
    .action(async (migration: string | undefined, given: GivenOptions, verb: Command) => {
      const { execution, markdown = false, rehearsedIn: other } = given;
      if ((migration === undefined) === (execution === undefined)) {
        return verb.error('error: name a migration, or an execution with --execution');
      }
      return onEnvironment(cli, verb, async (connection, project) => {
        const show = (rehearsals: readonly ControlStore[]) =>
          execution === undefined
            ? previewPlan(connection, project, migration ?? '', { markdown, rehearsals })
            : storedPlan(connection, execution, { markdown, rehearsals });
        if (other === undefined) return show([]);
        const rehearsed = await cli.connect(project, { ...globalOptionsOf(verb), env: other });
        try {
          return await show([rehearsed.control]);
        } finally {
          await rehearsed.close();
        }
      });
    });
}
