import type pg from 'pg';
import type { ExecutionFlags } from '../../../lib/core/executions/execution.ts';
import {
  type DurationMs,
  durationMs,
  type ExecutionId,
  epochMs,
  fencingToken,
  type StepId,
} from '../../../lib/core/ids.ts';
import type { BackfillStep, KeyColumn } from '../../../lib/core/plan/plan.ts';
import {
  runBackfillSlice,
  type SliceContext,
  type SliceOutcome,
} from '../../../lib/engine/backfill/run-backfill-slice.ts';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import type { StepProgress } from '../../../lib/ports/control-store.ts';
import type { Database, Session } from '../../../lib/ports/database.ts';
import type { HostMetrics } from '../../../lib/ports/host-metrics.ts';
import { describeBackfillTable } from '../../../lib/postgres/backfill/describe-table.ts';
import { BACKFILL_STATEMENTS } from '../../../lib/postgres/backfill/schema.ts';
import { adoptFence, type Fence } from '../../../lib/postgres/ledger/fence.ts';
import { LEDGER_STATEMENTS } from '../../../lib/postgres/ledger/schema.ts';
import { freshDatabase } from '../../support/postgres.ts';

const EXECUTION_ID = '0001_fill-abcd' as ExecutionId;
const NO_FLAGS: ExecutionFlags = { paused: false, abort: undefined };

/** Real time, and no chance. */
export const realClock: Clock = {
  now: () => epochMs(Date.now()),
  sleep: (duration) => new Promise((resolve) => setTimeout(resolve, duration)),
  random: () => 0.5,
};

export function fenceOf(token: number): Fence {
  return { executionId: EXECUTION_ID, token: fencingToken(token) };
}

/** A backfill step for tests; small batches, so that a small table has many. */
export function stepOf(
  key: readonly KeyColumn[],
  change: Partial<Omit<BackfillStep, 'pacing'>> & {
    readonly pacing?: Partial<BackfillStep['pacing']>;
  } = {},
): BackfillStep {
  return {
    kind: 'backfill',
    stepId: 'fill' as StepId,
    phase: 'migrate',
    table: { schema: 'public', name: 'items' },
    key,
    work: { kind: 'update', set: { moved: 'moved + 1' }, where: undefined },
    estimatedRows: -1,
    undo: { kind: 'nothing', why: 'a test' },
    wayBack: { kind: 'structural', loses: 'nothing' },
    ...change,
    pacing: {
      targetBatchMs: durationMs(100),
      minRows: 10,
      maxRows: 40,
      pauseMs: durationMs(0),
      quarantineLimit: 0,
      ...change.pacing,
    },
  };
}

export interface SliceOptions {
  readonly database?: Database;
  readonly fence?: Fence;
  readonly flags?: SliceContext['flags'];
  readonly windowOpen?: SliceContext['windowOpen'];
  readonly clock?: Clock;
  readonly host?: HostMetrics;
  readonly forMs?: number;
  readonly onReport?: (progress: StepProgress) => void | Promise<void>;
}

/** A database with a ledger, a fence with token 1, and one call that runs a slice on it. */
export interface Chamber {
  /** Connection string of a superuser. */
  readonly url: string;
  readonly database: Database;
  readonly pool: pg.Pool;
  readonly reports: StepProgress[];
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** The step for table `items`, with the key as the catalog has it. */
  step(change?: Parameters<typeof stepOf>[1]): Promise<BackfillStep>;
  slice(step: BackfillStep, options?: SliceOptions): Promise<SliceOutcome>;
  close(): Promise<void>;
}

export async function openChamber(...setup: readonly string[]): Promise<Chamber> {
  const fresh = await freshDatabase();
  const pool = fresh.pool();
  const database = pgDatabase({ url: fresh.url });
  for (const statement of [...LEDGER_STATEMENTS, ...BACKFILL_STATEMENTS, ...setup]) {
    await database.execute(statement);
  }
  await adoptFence(database, fenceOf(1));
  const reports: StepProgress[] = [];
  return {
    url: fresh.url,
    database,
    pool,
    reports,
    sql: async (text) => (await pool.query(text)).rows,
    step: async (change = {}) => {
      const table = change.table ?? { schema: 'public', name: 'items' };
      const described = await describeBackfillTable(database, table);
      return stepOf(described.kind === 'table' ? described.table.key : [], change);
    },
    slice: (step, options = {}) => {
      const clock = options.clock ?? realClock;
      return runBackfillSlice(step, {
        database: options.database ?? database,
        host: options.host,
        clock,
        fence: options.fence ?? fenceOf(1),
        until: epochMs(clock.now() + (options.forMs ?? 30_000)),
        flags: options.flags ?? (async () => NO_FLAGS),
        windowOpen: options.windowOpen,
        report: async (progress) => {
          reports.push(progress);
          await options.onReport?.(progress);
        },
      });
    },
    close: async () => {
      await database.close();
      await fresh.drop();
    },
  };
}

/** A database that passes everything on, and what it was asked. */
export function watched(database: Database): {
  readonly database: Database;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const watching = <S extends Session>(session: S): S => ({
    ...session,
    query: (...[sql, parameters]: Parameters<Session['query']>) => {
      asked.push(sql);
      return session.query(sql, parameters);
    },
  });
  const transaction: Database['transaction'] = (work) =>
    database.transaction((tx) => work(watching(tx)));
  return { database: { ...watching(database), transaction }, asked };
}

export const ms = (value: number): DurationMs => durationMs(value);
