import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Batch } from '../../../lib/core/backfill/batch.ts';
import { START } from '../../../lib/core/backfill/position.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';
import {
  type BatchOptions,
  batchStatement,
  type CheckpointClaim,
} from '../../../lib/postgres/backfill/batch-statement.ts';
import { createCheckpoint, readCheckpoint } from '../../../lib/postgres/backfill/checkpoint.ts';
import { BACKFILL_STATEMENTS } from '../../../lib/postgres/backfill/schema.ts';
import { prepareWork } from '../../../lib/postgres/backfill/work.ts';
import { adoptFence } from '../../../lib/postgres/ledger/fence.ts';
import { type Chamber, fenceOf, openChamber, stepOf } from '../../engine/backfill/lock-chamber.ts';

const STEP = stepOf([{ name: 'id', type: 'bigint' }]);
const BATCH: Batch = {
  range: { after: undefined, through: ['10'], stride: undefined },
  keys: 10,
  remainder: false,
  next: { kind: 'between', after: ['10'] },
};
const CLAIM: CheckpointClaim = { fence: fenceOf(1), stepId: STEP.stepId, part: 0, revision: '0' };

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, moved int default 0)',
    'insert into items select generate_series(1, 20000)',
    'analyze items',
  );
  await createCheckpoint(chamber.database, STEP, fenceOf(1), STEP.stepId, 20_000);
});
afterEach(() => chamber.close());

async function statement(
  claim: Partial<CheckpointClaim> = {},
  options: Partial<BatchOptions> = {},
): Promise<string> {
  const prepared = await prepareWork(STEP, loadParser);
  if (prepared.kind !== 'prepared') throw new TypeError(prepared.reason);
  const all = { next: BATCH.next, lockTimeoutMs: 100, batchRows: 10, ...options };
  return batchStatement(STEP, prepared.work, BATCH, { ...CLAIM, ...claim }, all);
}

const checkpoint = async () => {
  const reading = await readCheckpoint(chamber.database, fenceOf(1), STEP.stepId);
  return reading.kind === 'found' ? reading.checkpoint : reading.kind;
};
const movedRows = async () =>
  (await chamber.sql('select count(*)::int from items where moved > 0'))[0]?.['count'];

describe('batchStatement', () => {
  it('moves the rows and the checkpoint together, and looks ahead', async () => {
    // WHEN
    const [row] = await chamber.database.query(
      await statement(
        {},
        { lookAhead: { after: ['10'], through: ['20000'], stride: undefined, keys: 40 } },
      ),
    );

    // THEN
    expect(row).toMatchObject({ revision: '1', moved: 10, rows_moved: '10', k0: '50' });
    expect(await checkpoint()).toMatchObject({
      revision: '1',
      position: BATCH.next,
      goal: ['20000'],
      rowsMoved: 10,
      keysWalked: 10,
      batchRows: 10,
    });
    expect(await movedRows()).toBe(10);
  });

  it('fails and writes nothing when the checkpoint is not where it was read', async () => {
    await chamber.database.query(await statement());
    await expect(chamber.database.query(await statement())).rejects.toMatchObject({
      sqlstate: 'LK001',
    });
    expect(await movedRows()).toBe(10);
    expect(await chamber.sql('select max(moved) from items')).toEqual([{ max: 1 }]);
  });

  it('fails and writes nothing when a newer runner has the fence', async () => {
    await adoptFence(chamber.database, fenceOf(2));
    await expect(chamber.database.query(await statement())).rejects.toMatchObject({
      sqlstate: 'LK001',
    });
    expect(await checkpoint()).toBe('fenced');
    expect(await movedRows()).toBe(0);
  });

  it('keeps a newer runner out until it is committed', async () => {
    // GIVEN a batch that was not committed yet
    const client = await chamber.pool.connect();
    await client.query('begin');
    await client.query(await statement());

    // WHEN
    let adopted = false;
    const adopting = adoptFence(chamber.database, fenceOf(2)).then(() => {
      adopted = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));

    // THEN
    expect(adopted).toBe(false);
    await client.query('commit');
    client.release();
    await adopting;
    expect(await movedRows()).toBe(10);
  });

  it('waits no longer for a row than its lock timeout, outside of any transaction', async () => {
    // GIVEN
    const other = await chamber.pool.connect();
    await other.query('begin; select from items where id = 7 for update');

    // WHEN
    const start = Date.now();
    const attempt = chamber.database.query(await statement());

    // THEN
    await expect(attempt).rejects.toMatchObject({ kind: 'lock-timeout' });
    expect(Date.now() - start).toBeLessThan(2_000);
    await other.query('rollback');
    other.release();
    expect(await movedRows()).toBe(0);
    expect((await chamber.sql('show lock_timeout'))[0]).toEqual({ lock_timeout: '0' });
  });

  it('reads the range through the index of the key', async () => {
    // GIVEN the server's own word for each plan inside of the function
    const client = await chamber.pool.connect();
    const notices: string[] = [];
    client.on('notice', ({ message }) => notices.push(message ?? ''));
    await client.query("load 'auto_explain'");
    await client.query(`set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
      set auto_explain.log_level = notice`);

    // WHEN
    await client.query(await statement());
    client.release(true);

    // THEN
    expect(notices.join('\n')).toMatch(
      /Update on items .*\n\s+->\s+Index Scan using items_pkey on items .*\n\s+Index Cond: \(id <= '10'::bigint\)/,
    );
  });
});

describe('BACKFILL_STATEMENTS', () => {
  it('may be run again, and by two runners at once', async () => {
    await chamber.sql('drop function lockkeeper.move_batch');
    const again = async () => {
      for (const sql of BACKFILL_STATEMENTS) await chamber.database.execute(sql);
    };
    await Promise.all([again(), again(), again()]);
    await again();
    expect(await checkpoint()).toMatchObject({ position: START });
  });
});
