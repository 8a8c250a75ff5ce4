import { describe, expect, it } from '@jest/globals';
import type { MigrationId } from '../../../lib/core/ids.ts';
import { DEFAULT_PACING } from '../../../lib/core/migration/format/backfill-format.ts';
import type { Pacing } from '../../../lib/core/migration/migration.ts';
import { parseMigration } from '../../../lib/core/migration/parse-migration.ts';
import { lowerOperations } from '../../../lib/core/operations/lower-operations.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';
import { modelOf, tableOf } from './models.ts';

const parser = await loadParser();

/** The pace of the one made by an operation, of one without a pace, and of one with its own. */
async function pacesWith(batch: string): Promise<readonly Pacing[]> {
  const text = `version: 1
title: paces
${batch}
operations:
  - alter_column: {table: items, column: total, type: bigint, up: total::bigint, down: total::text}
expand:
  - {id: add, sql: alter table items add column n int, undo: alter table items drop column n}
backfill:
  - {id: plain, table: items, set: {n: id}}
  - {id: paced, table: items, set: {n: id}, batch: {pause: 5ms}}
`;
  const files = new Map([['migration.yaml', text]]);
  const parsed = parseMigration({ migrationId: '0001_paces' as MigrationId, files }, parser);
  if (parsed.kind === 'invalid') throw new TypeError(JSON.stringify(parsed.problems));
  const lowered = lowerOperations(parsed.value, modelOf([tableOf('items', ['total'])]), parser);
  if (lowered.kind === 'invalid') throw new TypeError(JSON.stringify(lowered.problems));
  return lowered.value.backfill.map(({ pacing }) => pacing);
}

describe('batch', () => {
  it('is the pace of the backfills that have none of their own, those of operations among them', async () => {
    const paces = await pacesWith('batch: {target: 50ms, workers: 4}');
    const wanted = { ...DEFAULT_PACING, targetBatchMs: 50, workers: 4 };
    expect(paces).toEqual([wanted, wanted, { ...DEFAULT_PACING, pauseMs: 5 }]);
  });

  it('is the default of the format where nothing is said, with one worker', async () => {
    const paces = await pacesWith('');
    expect(paces).toEqual([DEFAULT_PACING, DEFAULT_PACING, { ...DEFAULT_PACING, pauseMs: 5 }]);
    expect(DEFAULT_PACING.workers).toBeUndefined();
  });
});
