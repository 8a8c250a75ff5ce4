import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { MigrationId } from '../../lib/core/ids.ts';
import { parseMigration } from '../../lib/core/migration/parse-migration.ts';
import { compilePlan } from '../../lib/core/plan/compile.ts';
import { hazardsAgainst } from '../../lib/core/plan/plan-findings.ts';
import { loadParser, type SqlParser } from '../../lib/core/sql/parser.ts';
import { readTargetFacts } from '../../lib/engine/prepare/read-target-facts.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const SAAS = fileURLToPath(new URL('../../examples/saas', import.meta.url));
const EXAMPLES = (await readdir(join(SAAS, 'migrations'))).toSorted();

/** The example's schema, as if each table had ten million rows. */
let test: TestDatabase;
let database: Database;
let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
  test = await freshDatabase();
  const pool = test.pool();
  for (const file of ['tables.sql', 'constraints.sql']) {
    await pool.query(await readFile(join(SAAS, 'schema', file), 'utf8'));
  }
  await pool.query(
    `update pg_class set reltuples = 1e7 where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  database = pgDatabase({ url: test.url, connections: 1 });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

async function filesOf(id: string): Promise<ReadonlyMap<string, string>> {
  const root = join(SAAS, 'migrations', id);
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const texts = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(root, path), await readFile(path, 'utf8')] as const;
    });
  return new Map(await Promise.all(texts));
}

it.each(EXAMPLES)('nothing stands against %s on large tables', async (id) => {
  // GIVEN
  const migration = parseMigration(
    { migrationId: id as MigrationId, files: await filesOf(id) },
    parser,
  );
  if (migration.kind === 'invalid') throw new TypeError(JSON.stringify(migration.problems));
  const facts = await readTargetFacts(database, migration.value, parser);

  // WHEN: tables of an earlier example, which is not applied here, cannot be walked
  const backfills = new Map(
    migration.value.backfill.map(({ stepId, table }) => {
      const walkable = { kind: 'walkable', table: { schema: 'public', name: table } } as const;
      return [stepId, { ...walkable, key: [{ name: 'id', type: 'bigint' }], estimatedRows: 1e7 }];
    }),
  );
  const plan = compilePlan(migration.value, { ...facts, backfills }, parser);

  // THEN
  if (plan.kind === 'invalid') throw new TypeError(JSON.stringify(plan.problems));
  expect(hazardsAgainst(plan.value)).toBeUndefined();
});
