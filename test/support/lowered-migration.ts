import type pg from 'pg';
import type { DeclaredStatement, Migration } from '../../lib/core/migration/migration.ts';
import { parseMigration } from '../../lib/core/migration/parse-migration.ts';
import { renderProblems } from '../../lib/core/migration/render-problems.ts';
import { lowerOperations } from '../../lib/core/operations/lower-operations.ts';
import { loadParser } from '../../lib/core/sql/parser.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import { readSchemaModel } from '../../lib/postgres/schema-model/read-schema-model.ts';
import type { TestDatabase } from './postgres.ts';

/** The phases of a migration, each as the plain SQL that it comes down to on a database. */
export interface LoweredMigration {
  readonly migration: Migration;
  expand(): Promise<void>;
  /** One UPDATE for each backfill, with what an author may add to its condition. */
  backfill(condition?: string): Promise<void>;
  validate(): Promise<void>;
  contract(): Promise<void>;
  finalize(): Promise<void>;
  /** Takes back what was run, newest first. */
  rollBack(): Promise<void>;
}

/** Lowers `operations` on a database as it is. @param written what stands below `operations:` */
export async function lowerOn(
  database: TestDatabase,
  written: string,
  more = '',
): Promise<LoweredMigration> {
  const parser = await loadParser();
  const text = `version: 1\ntitle: try\n${more}\noperations:\n${written}`;
  const parsed = parseMigration(
    { migrationId: '0001_try' as never, files: new Map([['migration.yaml', text]]) },
    parser,
  );
  if (parsed.kind === 'invalid') throw new Error(renderProblems(parsed.problems));
  const session = pgDatabase({ url: database.url });
  const model = await readSchemaModel(session);
  await session.close();
  const lowered = lowerOperations(parsed.value, model, parser);
  if (lowered.kind === 'invalid') throw new Error(renderProblems(lowered.problems));
  const migration = lowered.value;
  const pool = database.pool();
  const ran: DeclaredStatement[] = [];
  const run = async (steps: Migration['validate']) => {
    for (const step of steps) {
      if (step.kind === 'check') continue;
      await together(pool, step);
      ran.push(step);
    }
  };
  return {
    migration,
    expand: () => run(migration.expand),
    backfill: async (condition = 'true') => {
      for (const { table, work } of migration.backfill) {
        if (work.kind === 'sql') {
          await pool.query(work.sql.replace(':range', condition));
          continue;
        }
        const set = Object.entries(work.set).map(([column, value]) => `${column} = ${value}`);
        await pool.query(
          `update ${table} set ${set.join(', ')} where (${work.where}) and (${condition})`,
        );
      }
    },
    validate: () => run(migration.validate),
    contract: () => run(migration.contract),
    finalize: () => run(migration.finalize),
    rollBack: async () => {
      for (const { undo } of ran.splice(0).reverse()) {
        if (undo.kind === 'statement') await together(pool, undo);
      }
    },
  };
}

async function together(
  pool: pg.Pool,
  group: { readonly sql: string; readonly together?: readonly string[] },
): Promise<void> {
  if (group.together === undefined) {
    await pool.query(group.sql);
    return;
  }
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const sql of [group.sql, ...group.together]) await client.query(sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
