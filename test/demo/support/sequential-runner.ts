import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type {
  DeclaredBackfill,
  DeclaredCheck,
  DeclaredStatement,
  Migration,
} from '../../../lib/core/migration/migration.ts';

/** The phases of a migration file, in order. */
export const FILE_PHASES = ['expand', 'backfill', 'validate', 'contract', 'finalize'] as const;
export type FilePhase = (typeof FILE_PHASES)[number];

/** Runs a migration's steps one after the other: what the product does, without its safety. */
export interface SequentialRunner {
  /** @throws FailedCheck when a check does not find what it should */
  apply(phase: FilePhase): Promise<void>;
  /** Undoes every step of these phases that was applied, newest first. */
  undo(phases?: readonly FilePhase[]): Promise<void>;
}

export class FailedCheck extends Error {
  override readonly name = 'FailedCheck';
}

/** @param batchRows keys walked by one batch of a backfill. @default 100 */
export function sequentialRunner(
  pool: Pool,
  migration: Migration,
  { batchRows = 100 }: { readonly batchRows?: number } = {},
): SequentialRunner {
  const applied: { readonly phase: FilePhase; readonly undo: string | undefined }[] = [];

  const run = async (
    phase: FilePhase,
    step: DeclaredStatement | DeclaredBackfill | DeclaredCheck,
  ): Promise<void> => {
    if (step.kind === 'check') return check(pool, step);
    if (step.kind === 'statement') await patiently(pool, step.sql);
    else await walk(pool, step, batchRows);
    applied.push({ phase, undo: step.undo.kind === 'statement' ? step.undo.sql : undefined });
  };
  return {
    apply: async (phase) => {
      for (const step of migration[phase]) await run(phase, step);
    },
    undo: async (phases = FILE_PHASES) => {
      for (let last = applied.at(-1); last; last = applied.at(-1)) {
        if (!phases.includes(last.phase)) return;
        if (last.undo !== undefined) await patiently(pool, last.undo);
        applied.pop();
      }
    },
  };
}

/** A statement that waits for a lock makes everybody behind it wait: give up soon, try again. */
async function patiently(pool: Pool, sql: string): Promise<void> {
  const client = await pool.connect();
  try {
    const online = /\b(concurrently|validate)\b/i.test(sql);
    await client.query(`set lock_timeout = '${online ? 0 : 200}ms'`);
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query(sql);
        return;
      } catch (error) {
        const locked = (error as { code?: string }).code === '55P03';
        if (!locked || attempt === 50) throw error;
        // Those who waited behind us come first now; autovacuum does not give way to short waits.
        await sleep(attempt * 50);
      }
    }
  } finally {
    await client.query('reset lock_timeout');
    client.release();
  }
}

async function walk(pool: Pool, step: DeclaredBackfill, batchRows: number): Promise<void> {
  const { rows } = await pool.query(`select coalesce(max(id), 0) as last from ${step.table}`);
  const { work } = step;
  for (let from = 0; from < Number(rows[0].last); from += batchRows) {
    const key = work.kind === 'sql' ? `${work.alias}.id` : 'id';
    const range = `(${key} > ${from} and ${key} <= ${from + batchRows})`;
    if (work.kind === 'sql') await pool.query(work.sql.replaceAll(':range', range));
    else {
      const set = Object.entries(work.set).map(([column, value]) => `${column} = ${value}`);
      const where = work.where === undefined ? range : `${range} and (${work.where})`;
      await pool.query(`update ${step.table} set ${set.join(', ')} where ${where}`);
    }
  }
}

async function check(pool: Pool, { stepId, query, expect }: DeclaredCheck): Promise<void> {
  const { rows } = await pool.query<Record<string, unknown>>(query);
  const found = expect.kind === 'no-rows' ? rows.length : Object.values(rows[0] ?? {})[0];
  const wanted = expect.kind === 'no-rows' ? 0 : expect.value;
  if (String(found) !== String(wanted)) {
    throw new FailedCheck(`${stepId} found ${JSON.stringify(rows)}, expected ${wanted}`);
  }
}
