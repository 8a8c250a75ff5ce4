import type { StepId } from '../../core/ids.ts';
import type { CheckStep } from '../../core/plan/plan.ts';
import { done, type Outcome } from '../../core/workflow/outcome.ts';
import type { SnapshotRecord, StepProgress } from '../../ports/control-store.ts';
import { type Database, DatabaseError } from '../../ports/database.ts';
import { fingerprint } from '../../postgres/fingerprint.ts';
import { hasLedger } from '../../postgres/ledger/bootstrap.ts';
import { listMigrations } from '../../postgres/ledger/executions.ts';
import { type RowsFound, rowsFound, type TableSize } from '../../postgres/restored/table-sizes.ts';
import { journal } from '../context.ts';
import { runCheck } from '../steps/run-check.ts';
import {
  failed,
  isReconciled,
  pollLater,
  type SqlContext,
  showActivity,
  whereabouts,
} from './context.ts';

/** One thing that was looked at. */
interface Finding {
  readonly name: string;
  readonly held: boolean;
  readonly note: string;
}

/**
 * Fewer rows than this share of what was estimated when the snapshot was asked for are no
 * imprecision of an estimate any more.
 */
const LEAST_SHARE = 0.5;

/**
 * Asks the restored cluster whether it is what was saved: it answers with our credentials, its
 * ledger can be read, its schema has the fingerprint recorded with the snapshot, its tables have
 * their rows, and what the migration asserts of that moment holds.
 */
export async function verifyRestored(context: SqlContext): Promise<Outcome> {
  const where = await whereabouts(context);
  if (where.kind === 'in-place') return done;
  return verifyIn(context, context.order.names.restored);
}

/** The same once more through the name that applications know. */
export async function verifyInPlace(context: SqlContext): Promise<Outcome> {
  if (!context.order.takeOver || (await isReconciled(context))) return done;
  return verifyIn(context, context.order.names.original);
}

async function verifyIn(context: SqlContext, cluster: string): Promise<Outcome> {
  await showActivity(context, `verify ${cluster}`);
  const startedAt = context.clock.now();
  const database = context.connect(cluster);
  try {
    const findings = await look(context, database);
    await context.control.putProgress(
      context.executionId,
      findings.map((finding) => toProgress(finding, startedAt, context.clock.now())),
    );
    const wrong = findings.filter(({ held }) => !held);
    await journal(context, 'RestoreVerified', {
      facts: { cluster, checks: findings.length, failed: wrong.length },
    });
    if (wrong.length === 0) return done;
    return failed(
      `${cluster} is not what was saved: ${wrong.map(({ name, note }) => `${name}: ${note}`).join('; ')}`,
      'look at it with the secret of the target; nothing of the original was changed by looking',
    );
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return unanswered(context, cluster, error);
  } finally {
    await database.close();
  }
}

/** A fresh instance may need a moment; a password of another time does not come right by waiting. */
async function unanswered(
  context: SqlContext,
  cluster: string,
  error: DatabaseError,
): Promise<Outcome> {
  if (error.kind === 'unreachable' || error.kind === 'outcome-unknown') {
    return pollLater(context, `${cluster} does not answer yet: ${error.message}`);
  }
  if (error.kind !== 'denied') throw error;
  return failed(
    `${cluster} refuses the secret: ${error.message}`,
    `its password is that of the time it was restored to; set it to that of the secret (aws rds modify-db-cluster --db-cluster-identifier ${cluster} --master-user-password ... --apply-immediately), then lockkeeper resume ${context.executionId}`,
  );
}

async function look(context: SqlContext, database: Database): Promise<readonly Finding[]> {
  const record = await snapshotRecord(context);
  return [
    await readableLedger(database),
    await sameSchema(context, database, record),
    ...(await rowsThere(database, record?.picture?.tables ?? [])),
    ...(await assertionsHold(context, database)),
  ];
}

async function snapshotRecord(context: SqlContext): Promise<SnapshotRecord | undefined> {
  const { of, source } = context.order;
  if (source.kind !== 'snapshot') return undefined;
  const records = await context.control.listSnapshotRecords(of);
  return records.find(({ moment }) => moment === source.moment);
}

async function readableLedger(database: Database): Promise<Finding> {
  if (!(await hasLedger(database))) {
    return { name: 'ledger', held: true, note: 'there was none yet' };
  }
  const { length } = await listMigrations(database);
  return { name: 'ledger', held: true, note: `${length} migrations` };
}

async function sameSchema(
  context: SqlContext,
  database: Database,
  record: SnapshotRecord | undefined,
): Promise<Finding> {
  const name = 'schema';
  const expected = record?.picture?.fingerprint ?? (await plannedFingerprint(context));
  const found = await fingerprint(database);
  if (expected === undefined) {
    return { name, held: true, note: `fingerprint ${found.slice(0, 12)}, nothing to compare with` };
  }
  const held = found === expected;
  return {
    name,
    held,
    note: held
      ? `fingerprint ${found.slice(0, 12)}`
      : `fingerprint ${found.slice(0, 12)}, recorded was ${expected.slice(0, 12)}`,
  };
}

/** A snapshot of before there were pictures: the plan knows the schema it was made for. */
async function plannedFingerprint({ control, order }: SqlContext): Promise<string | undefined> {
  if (order.source.kind !== 'snapshot' || order.source.moment !== 'before-expand') return undefined;
  return (await control.getPlan(order.of))?.plan.fingerprint;
}

async function rowsThere(
  database: Database,
  recorded: readonly TableSize[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const size of recorded) {
    const found = await rowsFound(database, size);
    findings.push(judgeRows(size, found));
  }
  return findings;
}

function judgeRows({ table, estimatedRows }: TableSize, found: RowsFound): Finding {
  const name = `rows_of_${table}`;
  if (found.kind === 'missing') return { name, held: false, note: 'the table is missing' };
  const rows = found.kind === 'empty' ? 0 : found.rows;
  const enough = rows >= (estimatedRows ?? 0) * LEAST_SHARE;
  const about = found.kind === 'estimated' ? 'about ' : '';
  const recorded = estimatedRows === undefined ? 'never analyzed' : `about ${estimatedRows}`;
  return { name, held: enough, note: `${about}${rows} rows, recorded: ${recorded}` };
}

/** What the migration itself says of that moment. */
async function assertionsHold(
  { control, order }: SqlContext,
  database: Database,
): Promise<readonly Finding[]> {
  if (order.source.kind !== 'snapshot') return [];
  const phase = order.source.moment === 'before-expand' ? 'assertion' : 'migrate';
  const steps = (await control.getPlan(order.of))?.plan.steps ?? [];
  const checks = steps.filter(
    (step): step is CheckStep => step.kind === 'check' && step.phase === phase,
  );
  const findings: Finding[] = [];
  for (const check of checks) {
    const outcome = await runCheck(database, check);
    const note = outcome.kind === 'held' ? 'holds' : outcome.reason;
    findings.push({ name: check.stepId, held: outcome.kind === 'held', note });
  }
  return findings;
}

function toProgress({ name, held, note }: Finding, startedAt: number, now: number): StepProgress {
  return {
    stepId: name as StepId,
    kind: 'check',
    state: held ? 'done' : 'failed',
    startedAt: startedAt as StepProgress['startedAt'],
    updatedAt: now as StepProgress['updatedAt'],
    note,
  };
}
