import { takenAway } from '../../core/activity/taken-away.ts';
import { isLockkeeperError } from '../../core/errors.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { type Condition, warn } from '../../core/preflight/condition.ts';
import { type DataQuestion, dataQuestions } from '../../core/preflight/data-questions.ts';
import { extensionNeeds, judgeExtensions } from '../../core/preflight/extension-needs.ts';
import { type Forecast, forecasts, type Measured } from '../../core/preflight/forecast.ts';
import { judgeServer } from '../../core/preflight/judge-server.ts';
import { judgeStorage } from '../../core/preflight/judge-storage.ts';
import { judgeTable } from '../../core/preflight/judge-table.ts';
import { judgeWal } from '../../core/preflight/judge-wal.ts';
import { tableNeeds } from '../../core/preflight/table-needs.ts';
import type { CatalogView } from '../../core/sql/catalog.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import type { Database } from '../../ports/database.ts';
import type { HostMetrics } from '../../ports/host-metrics.ts';
import { readExtensions } from '../../postgres/preflight/extensions.ts';
import { readServerCondition } from '../../postgres/preflight/server-condition.ts';
import { readStorage, readTableSizes } from '../../postgres/preflight/storage.ts';
import { readTableConditions } from '../../postgres/preflight/table-condition.ts';
import { readWalFiles } from '../../postgres/preflight/wal-files.ts';
import { whoStillUses } from '../activity/who-still-uses.ts';
import { runCheck } from '../steps/run-check.ts';

export interface Preflight {
  readonly conditions: readonly Condition[];
  readonly forecasts: readonly Forecast[];
}

export interface PreflightKnowledge {
  readonly parser: SqlParser;
  /** Undefined: what the plan names is not known, so nothing is asked about rows and sizes. */
  readonly catalog: CatalogView | undefined;
  /** What rehearsals measured, newest first. @default nothing */
  readonly measured?: readonly Measured[];
  /** @default - nobody is asked beyond SQL */
  readonly host?: HostMetrics | undefined;
}

/** What the target is like, as far as the plan will meet it. Reads only. */
export async function preflight(
  database: Database,
  plan: Plan,
  { parser, catalog, measured = [], host }: PreflightKnowledge,
): Promise<Preflight> {
  const server = judgeServer(await readServerCondition(database));
  const needs = tableNeeds(plan, parser);
  const tables = await readTableConditions(database, needs);
  const sizes = await readTableSizes(
    database,
    needs.map(({ table }) => table),
  );
  const expected = forecasts(plan, { parser, catalog, sizes, measured });
  const extensions = extensionNeeds(plan, parser);
  const questions = catalog === undefined ? [] : dataQuestions(plan, parser, catalog);
  const answers: Condition[] = [];
  for (const question of questions) answers.push(...(await ask(database, question)));
  return {
    conditions: [
      ...server,
      ...tables.flatMap(judgeTable),
      ...judgeExtensions(extensions, await readExtensions(database, extensions)),
      ...judgeStorage(expected, {
        ...(await readStorage(database)),
        freeLocalBytes: await freeLocalBytes(host),
      }),
      ...judgeWal(expected, await readWalFiles(database)),
      ...answers,
      ...(await unknownUse(database, plan, parser)),
    ],
    forecasts: expected,
  };
}

/** What does not answer is as unknown as where nobody may be asked. */
async function freeLocalBytes(host: HostMetrics | undefined): Promise<number | undefined> {
  try {
    return (await host?.read())?.freeLocalBytes;
  } catch (error) {
    if (isLockkeeperError(error)) return undefined;
    throw error;
  }
}

/** Who uses what the plan takes away is a finding of its step; that nobody can tell is said here. */
async function unknownUse(
  database: Database,
  plan: Plan,
  parser: SqlParser,
): Promise<readonly Condition[]> {
  const taken = takenAway(plan, ['contract', 'finalize'], parser);
  const found = await whoStillUses(database, taken, parser);
  if (found.kind === 'known') return [];
  const what = `whether code still uses what contract takes away is not known: ${found.why}`;
  return [warn('still-used', what, STATEMENTS_FIX)];
}

const STATEMENTS_FIX =
  'put pg_stat_statements into shared_preload_libraries, create extension pg_stat_statements, and grant pg_read_all_stats to the role of the migration';

/** The first reason not to begin. */
export function whyNotBegun(conditions: readonly Condition[]): string | undefined {
  const against = conditions.find(({ severity }) => severity === 'refuse');
  return against && `${against.message}; ${against.fix}`;
}

/**
 * A warning, not a refusal: the rows may be put right before the step comes, days later, and the
 * step itself fails without harm when they are not.
 */
async function ask(database: Database, question: DataQuestion): Promise<readonly Condition[]> {
  const { kind, stepId, message, query } = question;
  const outcome = await runCheck(database, { query, expect: { kind: 'no-rows' } });
  switch (outcome.kind) {
    case 'held':
      return [];
    case 'not-held':
      return [
        {
          kind,
          severity: 'warn',
          message: `step ${stepId} would fail: ${message}`,
          fix: `put them right before it comes; they are found by: ${query}`,
        },
      ];
    case 'unanswered':
      return [
        {
          kind: 'unanswered',
          severity: 'warn',
          message: `whether step ${stepId} would fail was not found out: ${outcome.reason}`,
          fix: `ask the database yourself: ${query}`,
        },
      ];
  }
}
