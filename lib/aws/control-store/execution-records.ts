import { z } from 'zod';
import { LockkeeperError } from '../../core/errors.ts';
import {
  EXECUTION_STATUSES,
  type Execution,
  type ExecutionRun,
} from '../../core/executions/execution.ts';
import {
  type Checksum,
  type EpochMs,
  type ExecutionId,
  type MigrationId,
  type PlanHash,
  parseExecutionId,
} from '../../core/ids.ts';
import type { RestoreOrder } from '../../core/restore/order.ts';
import { SNAPSHOT_MOMENTS } from '../../core/workflow/payload.ts';
import type { ControlStore, ExecutionChange, ExecutionFilter } from '../../ports/control-store.ts';
import { ABSENT, type ControlTable, type Expression, PRESENT } from './control-table.ts';
import { branded, ITEM_FORMAT, maybe, readItem, writeItem } from './item-format.ts';
import { executionPartition, keys, listKeysOf } from './keys.ts';

type ExecutionRecords = Pick<
  ControlStore,
  'getExecution' | 'listExecutions' | 'changeExecution' | 'addRun'
> & {
  /** @throws LockkeeperError Conflict when another execution has the id */
  createRecord(execution: Execution): Promise<void>;
};

const orderSchema: z.ZodType<RestoreOrder> = z.object({
  of: branded<ExecutionId>('string'),
  source: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('snapshot'),
      moment: z.enum(SNAPSHOT_MOMENTS),
      snapshotIdentifier: z.string(),
    }),
    z.object({ kind: z.literal('point-in-time'), at: maybe(branded<EpochMs>('number')) }),
  ]),
  takeOver: z.boolean(),
  names: z.object({
    original: z.string(),
    restored: z.string(),
    kept: z.string(),
    originalWriter: z.string(),
    restoredWriter: z.string(),
  }),
});

const recordSchema: z.ZodType<Omit<Execution, 'runs'>> = z.object({
  executionId: branded<ExecutionId>('string'),
  migrationId: branded<MigrationId>('string'),
  title: z.string(),
  checksum: branded<Checksum>('string'),
  environment: z.string(),
  target: maybe(z.string()),
  startedBy: z.string(),
  startedAt: branded<EpochMs>('number'),
  status: z.enum(EXECUTION_STATUSES),
  activity: z.string(),
  planHash: maybe(branded<PlanHash>('string')),
  restore: orderSchema.optional(),
  finishedAt: maybe(branded<EpochMs>('number')),
  reason: maybe(z.string()),
});

const runSchema: z.ZodType<ExecutionRun> = z.object({
  run: z.string(),
  mode: z.enum(['forward', 'resume', 'rollback']),
  startedAt: branded<EpochMs>('number'),
  startedBy: z.string(),
});

/** Executions: one record each, and one item for each workflow that worked on it. */
export function executionRecords(table: ControlTable): ExecutionRecords {
  const getExecution = async (id: ExecutionId): Promise<Execution | undefined> => {
    const items = await table.list(executionPartition(id));
    const record = items.find((item) => item['sk'] === 'record');
    if (record === undefined) return undefined;
    const runs = items
      .filter((item) => item !== record)
      .map((item) => readItem(runSchema, item))
      .toSorted((a, b) => a.startedAt - b.startedAt);
    return { ...readItem(recordSchema, record), runs };
  };

  const addRun = async (id: ExecutionId, run: ExecutionRun): Promise<void> => {
    // The run's address is the key, so adding it again after a lost answer changes nothing.
    await table.put(keys.run(id, run.run), writeItem(run), ABSENT);
  };

  return {
    getExecution,
    addRun,

    async createRecord({ runs, ...record }) {
      const { executionId, startedAt } = record;
      // A restore is found through the execution it is of: a migration's name means a migration.
      const listed = record.restore === undefined ? listKeysOf(executionId, startedAt) : {};
      const item = writeItem({ ...record, ...listed });
      const written = await table.put(keys.execution(executionId), item, ABSENT);
      if (written === 'refused' && !(await isOurs(record))) throw idTaken(executionId);
      for (const run of runs) await addRun(executionId, run);
    },

    async listExecutions(filter) {
      const found: Execution[] = [];
      for await (const page of table.newestExecutions()) {
        const executions = await Promise.all(page.map((pk) => getExecution(idOfPartition(pk))));
        for (const execution of executions) {
          // The index lags a little behind; the record itself decides.
          if (execution !== undefined && matches(filter, execution)) found.push(execution);
          if (found.length === filter.limit) return found;
        }
      }
      return found;
    },

    async changeExecution(id, change) {
      const changed = await table.update(keys.execution(id), setAll(change), PRESENT);
      const execution = changed.kind === 'written' ? await getExecution(id) : undefined;
      if (execution === undefined) throw unknownExecution(id);
      return execution;
    },
  };

  /** Whether a refused write was our own, whose answer got lost and which the SDK sent again. */
  async function isOurs(record: Omit<Execution, 'runs'>): Promise<boolean> {
    const stored = await getExecution(record.executionId);
    return (
      stored !== undefined &&
      stored.startedAt === record.startedAt &&
      stored.startedBy === record.startedBy &&
      stored.checksum === record.checksum
    );
  }
}

export function idTaken(id: ExecutionId): LockkeeperError {
  return new LockkeeperError('Conflict', `an execution ${id} exists already`, {
    fix: 'start again; a new id is chosen each time',
  });
}

function unknownExecution(id: ExecutionId): LockkeeperError {
  return new LockkeeperError('UnknownExecution', `no execution ${id}`, {
    fix: 'list the executions to find its id',
  });
}

/** Sets what has a value, removes what is null, leaves alone what is undefined. */
function setAll(change: ExecutionChange): Expression {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  const set = named.filter(([, value]) => value !== null);
  const removed = named.filter(([, value]) => value === null).map(([name]) => `#${name}`);
  return {
    text: [
      `SET #v = :v${set.map(([name]) => `, #${name} = :${name}`).join('')}`,
      ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
    ].join(' '),
    names: { '#v': 'v', ...Object.fromEntries(named.map(([name]) => [`#${name}`, name])) },
    values: {
      ':v': ITEM_FORMAT,
      ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
    },
  };
}

function matches(filter: ExecutionFilter, execution: Execution): boolean {
  return (
    (filter.migrationId === undefined || filter.migrationId === execution.migrationId) &&
    (filter.target === undefined || filter.target === execution.target)
  );
}

function idOfPartition(pk: string): ExecutionId {
  const id = parseExecutionId(pk.slice(executionPartition('' as ExecutionId).length));
  if (id !== undefined) return id;
  throw new LockkeeperError('LedgerCorrupt', `${pk} in the index is not an execution's key`, {
    fix: 'remove the item; nothing of Lockkeeper wrote it',
  });
}
