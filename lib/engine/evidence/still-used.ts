import type { StatementUser } from '../../core/activity/find-users.ts';
import { takenAway } from '../../core/activity/taken-away.ts';
import type { Phase, Plan } from '../../core/plan/plan.ts';
import { loadParser } from '../../core/sql/parser.ts';
import { DatabaseError, isPassing } from '../../ports/database.ts';
import {
  lastStatements,
  recordStatements,
  type StatementSample,
} from '../../postgres/ledger/counted-statements.ts';
import { holdSince } from '../../postgres/ledger/holds.ts';
import { type StillUsed, whoStillUses } from '../activity/who-still-uses.ts';
import { journal, type TargetContext } from '../context.ts';
import type { WorkPhase } from '../work-phase.ts';

/** Code that ran once since the last look may run again: five minutes without it are an answer. */
const QUIET_MS = 5 * 60_000;
/** Without a sample from an earlier phase, the calls of half a minute are. */
const FIRST_LOOK_MS = 30_000;
/** As long as an old application is waited for by default. */
const LONGEST_HOLD_MS = 60 * 60_000;

const REMOVING = ['contract', 'finalize'] as const satisfies readonly Phase[];

/**
 * Whether statements that use what the phase takes away have run since the phases before it ended.
 * Counters say how often and not when, so what was counted then is kept in the ledger and compared.
 * Where the server does not count statements there is nothing to hold on to, which `prepare` said.
 *
 * @returns `hold`: one ran. `overdue`: one still runs after an hour, or it could not be asked
 */
export async function stillUsed(
  context: TargetContext,
  plan: Plan,
  phase: WorkPhase,
): Promise<{ readonly kind: 'hold' | 'overdue'; readonly reason: string } | undefined> {
  if (phase !== 'contract' && phase !== 'finalize') return undefined;
  const { clock, control, database, executionId } = context;
  const found = await look(context, plan, [phase]);
  if (found === undefined || found.kind === 'unknown') return undefined;
  if (found.kind === 'failed') return { kind: 'overdue', reason: found.reason };
  if (found.users.length === 0) return undefined;
  const now = clock.now();
  const before = await lastStatements(database, executionId);
  const grown = before === undefined ? [] : found.users.filter((user) => hasRun(user, before));
  const lastRun =
    before === undefined ? now - QUIET_MS + FIRST_LOOK_MS : grown.length > 0 ? now : before.lastRun;
  if (before === undefined || grown.length > 0) await record(context, found.users, lastRun);
  if (now - lastRun >= QUIET_MS) return undefined;
  const { since, begun } = await holdSince(database, executionId, `${phase}, statements`, now);
  const reason = reasonFor(grown[0] ?? found.users[0], before, grown.length);
  if (now - since >= LONGEST_HOLD_MS) return { kind: 'overdue', reason };
  if (begun) await journal(context, 'PhaseHeld', { reason, facts: { phase } });
  await control.changeExecution(executionId, { activity: `${phase}: ${reason}` });
  return { kind: 'hold', reason };
}

/** Keeps what was counted at the end of a phase, for the look before the one that takes away. */
export async function rememberStatements(context: TargetContext, plan: Plan): Promise<void> {
  const found = await look(context, plan, REMOVING);
  // What could not be counted now is counted by the look itself, which then takes a little longer.
  if (found?.kind === 'known') await record(context, found.users, 0);
}

type Look = StillUsed | { readonly kind: 'failed'; readonly reason: string };

async function look(
  { database }: TargetContext,
  plan: Plan,
  phases: readonly Phase[],
): Promise<Look | undefined> {
  if (!plan.steps.some((step) => phases.includes(step.phase as Phase))) return undefined;
  const parser = await loadParser();
  const taken = takenAway(plan, phases, parser);
  if (taken.length === 0) return undefined;
  try {
    const own = plan.steps.flatMap((step) => (step.kind === 'check' ? [step.query] : []));
    return await whoStillUses(database, taken, parser, own);
  } catch (error) {
    if (!(error instanceof DatabaseError) || isPassing(error)) throw error;
    const reason = `whether code still uses what is taken away could not be asked: ${error.message}`;
    return { kind: 'failed', reason };
  }
}

/** Counters that were reset begin anew, so fewer calls than before are calls as well. */
function hasRun({ statement: { id, calls } }: StatementUser, before: StatementSample): boolean {
  return calls !== (before.calls.get(id) ?? 0);
}

async function record(
  { database, executionId }: TargetContext,
  users: readonly StatementUser[],
  lastRun: number,
): Promise<void> {
  const statements = users.map(({ statement }) => statement);
  await database.transaction((tx) => recordStatements(tx, executionId, statements, lastRun));
}

function reasonFor(
  user: StatementUser | undefined,
  before: StatementSample | undefined,
  grown: number,
): string {
  if (user === undefined || before === undefined) {
    return 'looks for half a minute whether code still uses what is taken away';
  }
  const { uses, statement } = user;
  const line = statement.query.replace(/\s+/g, ' ').trim().slice(0, 120);
  const more = grown > 1 ? `, and ${grown - 1} more` : '';
  return `code still uses ${uses}: ${statement.role} ran ${line}${more}`;
}
