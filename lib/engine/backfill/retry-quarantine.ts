import { describeKey } from '../../core/backfill/key.ts';
import { keyPredicate } from '../../core/backfill/range.ts';
import { LockkeeperError } from '../../core/errors.ts';
import type { ExecutionId } from '../../core/ids.ts';
import type { BackfillStep, Plan } from '../../core/plan/plan.ts';
import { loadParser } from '../../core/sql/parser.ts';
import { type Database, DatabaseError } from '../../ports/database.ts';
import {
  countTakenOut,
  listQuarantine,
  noteReason,
  type SetAside,
  takeOut,
} from '../../postgres/backfill/quarantine.ts';
import { prepareWork } from '../../postgres/backfill/work.ts';
import { hasBegun } from '../../postgres/ledger/milestones.ts';

/** As many rows are tried by one command. */
const RETRIED_ROWS = 10_000;

export type RetriedRow = {
  readonly stepId: string;
  /** As PostgreSQL names keys: `(id)=(7)`. */
  readonly key: string;
} & (
  | { readonly kind: 'moved' }
  /** There is nothing to do for it any more: it is gone, or was filled meanwhile. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly reason: string }
);

/**
 * Tries rows in quarantine once more, each in a transaction that moves it and takes it out: however
 * often this is called, and whoever else works, a row is moved once.
 * @throws LockkeeperError WrongState once contract has begun: the old structure has other names then
 */
export async function retryQuarantine(
  database: Database,
  executionId: ExecutionId,
  { steps }: Plan,
): Promise<readonly RetriedRow[]> {
  if (await hasBegun(database, executionId, 'contract')) {
    throw new LockkeeperError('WrongState', `contract of ${executionId} has begun`, {
      fix: 'what was set aside is in the old structure, under its tombstone name',
    });
  }
  const backfills = new Map(
    steps.flatMap((step) => (step.kind === 'backfill' ? [[step.stepId, step] as const] : [])),
  );
  const retried: RetriedRow[] = [];
  for (const row of await listQuarantine(database, executionId, RETRIED_ROWS)) {
    const step = backfills.get(row.stepId);
    if (step !== undefined) retried.push(await retryRow(database, executionId, step, row));
  }
  return retried;
}

async function retryRow(
  database: Database,
  executionId: ExecutionId,
  step: BackfillStep,
  { stepId, key }: SetAside,
): Promise<RetriedRow> {
  const named = { stepId, key: describeKey(step.key, key) };
  const row = { executionId, stepId, key };
  const prepared = await prepareWork(step, loadParser);
  if (prepared.kind === 'unusable') return { ...named, kind: 'refused', reason: prepared.reason };
  const statement = prepared.work.counted(keyPredicate(step.key, prepared.work.alias, key));
  try {
    const moved = await database.transaction(async (tx) => {
      await tx.query(`select set_config('lock_timeout', '1s', true) as lock_timeout`);
      if (!(await takeOut(tx, row))) return 0;
      const [answer] = await tx.query(statement);
      const count = Number(answer?.['moved']);
      await countTakenOut(tx, row, count);
      return count;
    });
    return { ...named, kind: moved === 0 ? 'gone' : 'moved' };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await noteReason(database, row, { sqlstate: error.sqlstate, message: error.message });
    return { ...named, kind: 'refused', reason: error.message };
  }
}
