import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bootstrapLedger } from '../../../lib/postgres/ledger/bootstrap.ts';
import { type Chamber, openChamber } from '../../engine/backfill/lock-chamber.ts';

/** Checkpoints as they were kept before there were workers. */
const BEFORE_WORKERS = [
  'drop table lockkeeper.backfills',
  `create table lockkeeper.backfills (
     execution_id text not null,
     step_id text not null,
     revision bigint not null default 0,
     position jsonb not null,
     goal jsonb,
     estimated_rows bigint not null,
     rows_moved bigint not null default 0,
     keys_walked bigint not null default 0,
     rows_quarantined bigint not null default 0,
     batch_rows integer,
     hot_plain double precision,
     hot_strided double precision,
     held_by text,
     started_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz not null default clock_timestamp(),
     finished_at timestamptz,
     primary key (execution_id, step_id)
   )`,
  // An execution that has moved 200 of 500 rows.
  'create table items (id bigint primary key, moved int default 0)',
  'insert into items select n, (n <= 200)::int from generate_series(1, 500) n',
  'analyze items',
  `insert into lockkeeper.backfills
     (execution_id, step_id, revision, position, goal, estimated_rows, rows_moved, keys_walked)
   values ('0001_fill-abcd', 'fill', 5, '{"kind": "between", "after": ["200"]}', '["500"]', 500, 200, 200)`,
];

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(...BEFORE_WORKERS);
});
afterEach(() => chamber.close());

describe('a ledger of before there were workers', () => {
  it('is upgraded by whoever comes first, and a backfill under way goes on as its only part', async () => {
    // WHEN several runners prepare at once, and again
    await Promise.all([1, 2, 3].map(() => bootstrapLedger(chamber.database)));
    await bootstrapLedger(chamber.database);

    // THEN the rows that were left are moved once, by one worker, whatever the plan now wants
    const step = await chamber.step({ pacing: { workers: 3 } });
    expect(await chamber.slice(step)).toEqual({ kind: 'done', rows: 500, quarantined: 0 });
    expect(await chamber.sql('select moved, count(*)::int from items group by 1')).toEqual([
      { moved: 1, count: 500 },
    ]);
    expect(await chamber.sql('select part, rows_moved::int from lockkeeper.backfills')).toEqual([
      { part: 0, rows_moved: 500 },
    ]);
  });
});
