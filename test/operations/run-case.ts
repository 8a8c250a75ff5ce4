import { stringify } from 'yaml';
import { loadParser } from '../../lib/core/sql/parser.ts';
import type { ControlScene } from '../support/engine-scene.ts';
import { inlineMigration } from '../support/engine-scene.ts';
import {
  type LifeCycle,
  type LifeCycleReport,
  runLifeCycle,
} from '../support/life-cycle/life-cycle.ts';
import { freshDatabase } from '../support/postgres.ts';
import type { OperationCase } from './operation-case.ts';

const MIGRATION_ID = '0001_case';
/** Of the default schema and the id of the migration. */
const VERSION_SCHEMA = `public_${MIGRATION_ID}`;

/** The whole life of a case, on databases of its own. */
export async function runCase(
  scene: ControlScene,
  each: OperationCase,
  more: Pick<LifeCycle, 'dies' | 'plainIs'> = {},
): Promise<LifeCycleReport> {
  await loadParser();
  const { versioned = false } = each;
  const text = stringify({
    version: 1,
    title: 'Case',
    ...(versioned && { versioned_schema: true }),
    operations: each.operations,
    snapshots: 'none',
  });
  const migration = await inlineMigration(MIGRATION_ID, { 'migration.yaml': text });
  const target = await freshDatabase();
  const pool = target.pool();
  await pool.query(each.schema);
  await pool.end();
  const reference = await freshDatabase({ template: target.name });
  try {
    return await runLifeCycle({
      scene,
      migration,
      target,
      reference,
      traffic: each.traffic,
      newFrom: each.newFrom ?? 'expand',
      versionSchema: versioned ? VERSION_SCHEMA : undefined,
      plain: each.plain,
      ...more,
      picture: {
        unpredictable: each.unpredictable ?? [],
        ...(each.remains !== undefined && { remains: each.remains }),
      },
    });
  } finally {
    await Promise.all([target.drop(), reference.drop()]);
  }
}
