import { describe, expect, it } from '@jest/globals';
import { compilePlan } from '../../../lib/core/plan/compile.ts';
import { hazardsAgainst } from '../../../lib/core/plan/plan-findings.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';
import { readTargetFacts } from '../../../lib/engine/prepare/read-target-facts.ts';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import { fingerprintLines } from '../../../lib/postgres/fingerprint.ts';
import { type LoweredMigration, lowerOn } from '../../support/lowered-migration.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { tableContents } from '../../support/table-contents.ts';
import { EXECUTION_CASES } from './execution-cases.ts';

/*
 * Every statement that an operation comes down to is run, and every undo, on PostgreSQL: forward to
 * contract and back, forward again to the end. Afterwards the schema is what plain SQL would have
 * made of it. And no hazard stands against the plan, as if each table had ten million rows.
 */
describe.each(EXECUTION_CASES)('$name', ({ schema = '', operations, plain }) => {
  it('goes to contract and back, and to the end', async () => {
    const target = await withSchema(schema);
    const reference = await withSchema(schema);
    try {
      const start = await stateOf(target);
      const migration = await lowerOn(target, ` ${JSON.stringify(operations)}`);
      expect(await planOn(target, migration)).toBeUndefined();
      await toContract(target, migration);
      await migration.rollBack();
      expect(await stateOf(target)).toEqual(start);

      await toContract(target, migration);
      await migration.finalize();
      const pool = reference.pool();
      for (const sql of [plain].flat()) await pool.query(sql);
      expect((await stateOf(target)).schema).toEqual((await stateOf(reference)).schema);
    } finally {
      await Promise.all([target.drop(), reference.drop()]);
    }
  });
});

async function withSchema(sql: string): Promise<TestDatabase> {
  const test = await freshDatabase();
  const pool = test.pool();
  await pool.query(sql);
  await pool.end();
  return test;
}

async function stateOf(test: TestDatabase) {
  const database = pgDatabase({ url: test.url, connections: 1 });
  const pool = test.pool();
  try {
    return { schema: await fingerprintLines(database), contents: await tableContents(pool) };
  } finally {
    await database.close();
    await pool.end();
  }
}

/** What stands against the plan. */
async function planOn(test: TestDatabase, { migration }: LoweredMigration) {
  const parser = await loadParser();
  const database = pgDatabase({ url: test.url, connections: 1 });
  try {
    await database.execute(
      `update pg_class set reltuples = 1e7 where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
    );
    const facts = await readTargetFacts(database, migration, parser);
    const plan = compilePlan(migration, facts, parser);
    if (plan.kind === 'invalid') throw new TypeError(JSON.stringify(plan.problems));
    return hazardsAgainst(plan.value);
  } finally {
    await database.close();
  }
}

async function toContract(test: TestDatabase, change: LoweredMigration): Promise<void> {
  await change.expand();
  await change.validate();
  const pool = test.pool();
  for (const step of change.migration.validate) {
    if (step.kind !== 'check' || step.expect.kind !== 'value') continue;
    const { rows } = await pool.query(step.query);
    expect(rows.map((row) => Object.values(row))).toEqual([[step.expect.value]]);
  }
  await change.contract();
}
