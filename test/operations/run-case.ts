import { stringify } from 'yaml';
import { loadParser } from '../../lib/core/sql/parser.ts';
import { inlineMigration } from '../support/engine-scene.ts';
import {
  type LifeCycle,
  type LifeCycleReport,
  runLifeCycle,
} from '../support/life-cycle/life-cycle.ts';
import { type Stand, standsForCases } from '../support/life-cycle/stands.ts';
import { memoryControlStore } from '../support/memory-control-store.ts';
import type { OperationCase } from './operation-case.ts';

const MIGRATION_ID = '0001_case';
/** Of the default schema and the id of the migration. */
const VERSION_SCHEMA = `public_${MIGRATION_ID}`;

/** Cases share what they run on, one after the other; several at once have one each. */
export interface CaseRunner {
  /** The whole life of a case. */
  run(each: OperationCase, more?: Pick<LifeCycle, 'dies' | 'plainIs'>): Promise<LifeCycleReport>;
  close(): Promise<void>;
}

export function caseRunner(): CaseRunner {
  const stands = standsForCases();
  const control = memoryControlStore();
  return {
    async run(each, more = {}) {
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
      const life = (stand: Stand) =>
        runLifeCycle({
          ...stand,
          control,
          migration,
          traffic: each.traffic,
          newFrom: each.newFrom ?? 'expand',
          versionSchema: versioned ? VERSION_SCHEMA : undefined,
          plain: each.plain,
          plainIs: each.plainIs ?? 'before',
          ...more,
          picture: {
            unpredictable: each.unpredictable ?? [],
            ...(each.remains !== undefined && { remains: each.remains }),
          },
        });
      return stands.use(each.schema, life, ({ problems }) => problems.length === 0);
    },
    close: () => stands.close(),
  };
}
