import { LockkeeperError } from '../core/errors.ts';
import type { MigrationId } from '../core/ids.ts';
import type { Problem } from '../core/migration/problem.ts';
import { renderProblems } from '../core/migration/render-problems.ts';
import { compilePlan } from '../core/plan/compile.ts';
import { hashPlan } from '../core/plan/hash.ts';
import type { HashedPlan } from '../core/plan/plan.ts';
import { hazardsAgainst } from '../core/plan/plan-findings.ts';
import type { Condition } from '../core/preflight/condition.ts';
import type { Forecast, Measured } from '../core/preflight/forecast.ts';
import { loadParser } from '../core/sql/parser.ts';
import { adviseBackfills } from '../engine/prepare/advise-backfills.ts';
import { checkHistory, driftWarning } from '../engine/prepare/check-history.ts';
import { lowerOnTarget } from '../engine/prepare/lower-on-target.ts';
import { preflight, whyNotBegun } from '../engine/prepare/preflight.ts';
import { readTargetFacts } from '../engine/prepare/read-target-facts.ts';
import type { Database } from '../ports/database.ts';
import { hasLedger } from '../postgres/ledger/bootstrap.ts';
import type { ReadMigration } from './read-migration.ts';

export interface Preview {
  readonly plan: HashedPlan;
  /** Why the target's own history, or a hazard that nobody accepted, would refuse it now. */
  readonly obstacle: string | undefined;
  /** What the target is like now, where that is worth saying, and what would make the plan cheaper there. */
  readonly conditions: readonly Condition[];
  /** How long each step works, and what it writes anew. */
  readonly forecasts: readonly Forecast[];
}

/**
 * Compiles a migration against a live target, as its first state would, without writing anything.
 * @param measured what rehearsals of the same files took, newest first
 * @throws LockkeeperError InvalidMigration when it does not fit the target
 */
export async function compileFor(
  database: Database,
  { migration, source }: ReadMigration,
  measured: readonly Measured[] = [],
): Promise<Preview> {
  const parser = await loadParser();
  const lowered = await lowerOnTarget(database, migration, parser);
  if (lowered.kind === 'invalid') throw invalid(lowered.problems);
  const facts = await readTargetFacts(database, lowered.value, parser);
  const compiled = compilePlan(lowered.value, facts, parser);
  if (compiled.kind === 'invalid') throw invalid(compiled.problems);
  const ledger = await hasLedger(database);
  const obstacle = ledger
    ? await checkHistory(database, source, migration)
    : earlierMigration(source.known, migration.migrationId);
  const { catalog } = facts;
  const found = await preflight(database, compiled.value, { parser, catalog, measured });
  const drifted = ledger ? await driftWarning(database, source) : [];
  const advice = await adviseBackfills(database, compiled.value, parser);
  const conditions = [...drifted, ...found.conditions, ...advice];
  const { forecasts } = found;
  return {
    plan: hashPlan(compiled.value),
    obstacle: obstacle ?? hazardsAgainst(compiled.value) ?? whyNotBegun(conditions),
    conditions,
    forecasts,
  };
}

function invalid(problems: readonly Problem[]): LockkeeperError {
  return new LockkeeperError('InvalidMigration', renderProblems(problems), {
    facts: { problems: problems.length },
  });
}

/** Without a ledger nothing was ever applied, so whatever comes before it is missing. */
function earlierMigration(
  known: ReadMigration['source']['known'],
  migrationId: MigrationId,
): string | undefined {
  const first = known.find((entry) => entry.migrationId < migrationId);
  return first && `migration ${first.migrationId} comes before ${migrationId} and is not applied`;
}
