import { isLockkeeperError, LockkeeperError } from '../core/errors.ts';
import type { Execution } from '../core/executions/execution.ts';
import type { Migration } from '../core/migration/migration.ts';
import { renderProblems } from '../core/migration/render-problems.ts';
import { compilePlan } from '../core/plan/compile.ts';
import { hashPlan } from '../core/plan/hash.ts';
import type { HashedPlan } from '../core/plan/plan.ts';
import { hazardsAgainst } from '../core/plan/plan-findings.ts';
import type { SqlParser } from '../core/sql/parser.ts';
import { done, type Outcome, proceed } from '../core/workflow/outcome.ts';
import type { MigrationSource } from '../ports/control-store.ts';
import { DatabaseError } from '../ports/database.ts';
import type { IdentityVerifier } from '../ports/identity.ts';
import { bootstrapLedger } from '../postgres/ledger/bootstrap.ts';
import { findExecution, recordBegin } from '../postgres/ledger/executions.ts';
import { type Fence, requireFence } from '../postgres/ledger/fence.ts';
import { recordMilestone } from '../postgres/ledger/milestones.ts';
import { claim } from './claim.ts';
import { journal, type TargetContext } from './context.ts';
import { abortReason } from './flags.ts';
import { checkHistory, driftWarning } from './prepare/check-history.ts';
import { lowerOnTarget } from './prepare/lower-on-target.ts';
import { noSnapshots } from './prepare/no-snapshots.ts';
import { preflight, whyNotBegun } from './prepare/preflight.ts';
import { readMigration } from './prepare/read-migration.ts';
import { readTargetFacts } from './prepare/read-target-facts.ts';
import { takeLease } from './prepare/take-lease.ts';
import { unfitServer } from './prepare/unfit-server.ts';
import { verifyStarter } from './prepare/verify-starter.ts';
import { runCheck } from './steps/run-check.ts';
import { unlessFenced } from './unless-fenced.ts';

export interface PrepareContext extends TargetContext {
  readonly parser: SqlParser;
  readonly execution: Execution;
  readonly identities: IdentityVerifier;
  /** Why no snapshot can be taken of the target. @default - one can */
  readonly withoutSnapshots?: string | undefined;
}

/**
 * Everything that can be refused is refused here, before anything is changed: the lease, the
 * files, the ledger's history, the assertions, the plan. Preparing again after an interruption
 * finds the stored plan and goes on with that, never with a new one: what was approved is what runs.
 */
export async function prepare(context: PrepareContext): Promise<Outcome> {
  try {
    return await unlessFenced(() => prepareTarget(context));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { kind: 'rejected', reason: refusal };
  }
}

async function prepareTarget(context: PrepareContext): Promise<Outcome> {
  const held = await takeLease(context);
  if (held !== undefined) return { kind: 'rejected', reason: held };
  await context.control.changeExecution(context.executionId, {
    target: context.target,
    activity: 'prepare',
  });
  const stored = await context.control.getPlan(context.executionId);
  if (stored !== undefined) return goOn(context, stored);
  const abort = abortReason(await context.control.getFlags(context.executionId));
  if (abort !== undefined) return { kind: 'rejected', reason: abort };

  const source = await context.control.getSource(context.executionId);
  if (source === undefined) {
    throw new LockkeeperError('LedgerCorrupt', `execution ${context.executionId} has no source`);
  }
  const migration = readMigration(source, context.parser);
  if (migration.kind === 'invalid') {
    return { kind: 'rejected', reason: renderProblems(migration.problems) };
  }
  const nobody = await verifyStarter(context, source, migration.value.checksum);
  if (nobody !== undefined) return { kind: 'rejected', reason: nobody };
  const unsaved = noSnapshots(migration.value, source.environment.name, context.withoutSnapshots);
  if (unsaved !== undefined) return { kind: 'rejected', reason: unsaved };
  const unfit = await unfitServer(context.database, migration.value);
  if (unfit !== undefined) return { kind: 'rejected', reason: unfit };
  await bootstrapLedger(context.database);
  const claimed = await claim(context);
  if (claimed.kind === 'superseded') return proceed;
  if (claimed.kind === 'lost') return { kind: 'rejected', reason: claimed.why };
  return makePlan(context, claimed.fence, source, migration.value);
}

/** The execution has a plan: it was interrupted and goes on, or back if that is where it was going. */
async function goOn(context: PrepareContext, plan: HashedPlan): Promise<Outcome> {
  await bootstrapLedger(context.database); // what this version keeps there and an earlier one did not
  const claimed = await claim(context);
  if (claimed.kind === 'superseded') return proceed;
  if (claimed.kind === 'lost') return { kind: 'aborted', reason: claimed.why };
  const ledger = await findExecution(context.database, context.executionId);
  if (ledger?.direction === 'back') {
    return { kind: 'aborted', reason: 'the execution was on its way back already' };
  }
  if (ledger === undefined) await begin(context, claimed.fence, plan);
  return done;
}

async function makePlan(
  context: PrepareContext,
  fence: Fence,
  source: MigrationSource,
  migration: Migration,
): Promise<Outcome> {
  const history = await checkHistory(context.database, source, migration);
  if (history !== undefined) return { kind: 'rejected', reason: history };
  for (const assertion of migration.assertions) {
    const outcome = await runCheck(context.database, assertion);
    if (outcome.kind !== 'held') {
      return { kind: 'rejected', reason: `assertion ${assertion.stepId}: ${outcome.reason}` };
    }
  }
  const lowered = await lowerOnTarget(context.database, migration, context.parser);
  if (lowered.kind === 'invalid') {
    return { kind: 'rejected', reason: renderProblems(lowered.problems) };
  }
  const facts = await readTargetFacts(context.database, lowered.value, context.parser);
  const compiled = compilePlan(lowered.value, facts, context.parser);
  if (compiled.kind === 'invalid') {
    return { kind: 'rejected', reason: renderProblems(compiled.problems) };
  }
  const hazards = hazardsAgainst(compiled.value);
  if (hazards !== undefined) return { kind: 'rejected', reason: hazards };
  const { catalog } = facts;
  const { parser } = context;
  const { conditions } = await preflight(context.database, compiled.value, {
    parser,
    catalog,
    host: context.host,
  });
  const against = whyNotBegun(conditions);
  if (against !== undefined) return { kind: 'rejected', reason: against };
  const drifted = await driftWarning(context.database, source);
  for (const { kind, message, fix } of [...drifted, ...conditions]) {
    await journal(context, 'TargetWarned', { reason: message, facts: { condition: kind, fix } });
  }
  const plan = hashPlan(compiled.value);
  await context.control.putPlan(context.executionId, plan);
  await context.control.changeExecution(context.executionId, {
    planHash: plan.hash,
    status: 'running',
  });
  await begin(context, fence, plan);
  await journal(context, 'PlanReady', {
    facts: { planHash: plan.hash, steps: plan.plan.steps.length },
  });
  return done;
}

async function begin(context: PrepareContext, fence: Fence, plan: HashedPlan): Promise<void> {
  await context.database.transaction(async (tx) => {
    await requireFence(tx, fence);
    await recordBegin(tx, {
      executionId: context.executionId,
      migrationId: plan.plan.migrationId,
      checksum: plan.plan.checksum,
      planHash: plan.hash,
      fingerprint: plan.plan.fingerprint,
    });
    await recordMilestone(tx, context.executionId, 'begin');
  });
}

/** What the person who started it can put right; everything else is a surprise and is thrown. */
function refusalOf(error: unknown): string | undefined {
  // A resumed execution may have steps applied, so `rejected` would promise too much.
  if (isLockkeeperError(error) && error.code === 'UnknownVersion') return undefined;
  if (error instanceof LockkeeperError && error.source === 'user') {
    return error.fix === undefined ? error.message : `${error.message}; ${error.fix}`;
  }
  if (error instanceof DatabaseError && (error.kind === 'denied' || error.kind === 'unreachable')) {
    return `the target database could not be used: ${error.message}`;
  }
  return undefined;
}
