/** What a batch raises when the fence or the checkpoint is not the one its runner read. */
export const BATCH_REFUSED = 'LK001';

/** Its name and the types of its arguments; one with others is another function, so both can be there. */
const MOVE_BATCH =
  'lockkeeper.move_batch(text, text, integer, bigint, bigint, integer, text, text, text, jsonb, integer)';
const MOVE_BATCH_HEAD = `lockkeeper.move_batch(
  execution text, step text, worker integer, holds bigint, expected bigint, lock_timeout_ms integer, counts text,
  work text, walked text, next_position jsonb, next_rows integer,
  out revision bigint, out moved bigint, out rows_moved bigint, out keys_walked bigint,
  out rows_quarantined bigint)`;

/**
 * The backfill's part of the ledger; it needs the schema that `LEDGER_STATEMENTS` makes. One
 * statement an entry, each harmless when repeated.
 */
export const BACKFILL_STATEMENTS: readonly string[] = [
  // `revision` counts the moves of the checkpoint: a batch names the one it read and fails when it
  // is not the current one any more. `goal` is the last key there was at the start; rows that come
  // after it were written by code, or a trigger, that knows the new structure. Each worker has a
  // part: the keys from where its position began to its own goal; what is known of the target is in part 0.
  // `relation` is the partition whose rows a part has, as schema and name; null: those of the table.
  `create table if not exists lockkeeper.backfills (
     execution_id text not null,
     step_id text not null,
     part integer not null default 0,
     revision bigint not null default 0,
     relation jsonb,
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
     primary key (execution_id, step_id, part)
   )`,

  // A ledger of before there were workers: what is under way there goes on as its only part. The
  // guard keeps the lock of ALTER TABLE away from ledgers that have it.
  `do $guard$ begin
     if not exists (select from pg_attribute
                    where attrelid = 'lockkeeper.backfills'::regclass and attname = 'part') then
       alter table lockkeeper.backfills
         add column part integer not null default 0,
         drop constraint backfills_pkey,
         add primary key (execution_id, step_id, part);
     end if;
   end $guard$`,

  `do $guard$ begin
     if not exists (select from pg_attribute
                    where attrelid = 'lockkeeper.backfills'::regclass and attname = 'relation') then
       alter table lockkeeper.backfills add column relation jsonb;
     end if;
   end $guard$`,

  // Rows that could not be moved, and why: the key as JSON texts in the key's order.
  `create table if not exists lockkeeper.quarantine (
     execution_id text not null,
     step_id text not null,
     key jsonb not null,
     sqlstate text,
     message text not null,
     set_aside_at timestamptz not null default clock_timestamp(),
     primary key (execution_id, step_id, key)
   )`,

  // One row of each execution, written again and again to see how long a commit takes.
  `create table if not exists lockkeeper.pulse (
     execution_id text primary key,
     beats bigint not null,
     beaten_at timestamptz not null
   )`,

  // The passes that compare old and new: one after the backfill, one before contract. Digests are
  // sums of 64-bit hashes, one of each side.
  `create table if not exists lockkeeper.parity (
     execution_id text not null,
     step_id text not null,
     pass text not null,
     attempt integer not null default 1,
     revision bigint not null default 0,
     position jsonb not null,
     goal jsonb,
     rows_compared bigint not null default 0,
     rows_different bigint not null default 0,
     rows_repaired bigint not null default 0,
     digest_expected numeric not null default 0,
     digest_actual numeric not null default 0,
     examples jsonb not null default '[]',
     work_ms double precision not null default 0,
     started_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz not null default clock_timestamp(),
     finished_at timestamptz,
     primary key (execution_id, step_id, pass)
   )`,

  // Moves a batch and its checkpoint. The first statement proves that both may be moved: it locks the
  // fence, so that no newer runner takes over before this commits, and the checkpoint, so that a
  // second runner with the same fence waits and finds another revision. `work` runs after it, with a
  // snapshot of its own, which therefore has all that earlier batches did. `walked` is an expression;
  // null where every row that was passed was changed. The guard keeps two runners from making it at once.
  `do $guard$ begin
     if to_regprocedure('${MOVE_BATCH}') is null then
       create function ${MOVE_BATCH_HEAD}
       language plpgsql volatile as $body$
       begin
         perform set_config('lock_timeout', lock_timeout_ms || 'ms', true);
         perform 1 from lockkeeper.fence as f, lockkeeper.backfills as b
           where f.execution_id = execution and f.token = holds
             and b.execution_id = execution and b.step_id = step and b.part = worker
             and b.revision = expected
           for share of f for no key update of b;
         if not found then
           raise exception 'the fence or the checkpoint of this batch has moved on'
             using errcode = '${BATCH_REFUSED}';
         end if;
         execute work;
         get diagnostics moved = row_count;
         keys_walked := moved;
         if walked is not null then execute 'select ' || walked into keys_walked; end if;
         rows_moved := case counts when 'moved' then moved else 0 end;
         update lockkeeper.backfills as b
           set rows_moved = b.rows_moved + move_batch.rows_moved,
               rows_quarantined = b.rows_quarantined + moved - move_batch.rows_moved,
               keys_walked = b.keys_walked + move_batch.keys_walked,
               revision = b.revision + 1, position = next_position,
               batch_rows = coalesce(next_rows, b.batch_rows), updated_at = clock_timestamp(),
               finished_at = case when next_position ->> 'kind' = 'end' then clock_timestamp()
                                  else b.finished_at end
           where b.execution_id = execution and b.step_id = step and b.part = worker
           returning b.revision, b.rows_moved, b.keys_walked, b.rows_quarantined
           into revision, rows_moved, keys_walked, rows_quarantined;
         moved := case counts when 'moved' then moved else 0 end;
       end $body$;
     end if;
   exception when duplicate_function or unique_violation then null;
   end $guard$`,

  // Runs a query that reads neighbours in the order of their pages: a bitmap of the places of a range,
  // then each page once, where an index scan locks the page of each row anew. The planner takes the
  // index scan for cheaper where the order of the key is that of the pages.
  `do $guard$ begin
     if to_regprocedure('lockkeeper.in_page_order(text)') is null then
       create function lockkeeper.in_page_order(work text) returns setof record
       language plpgsql volatile set enable_indexscan = off as $body$
       begin
         return query execute work;
       end $body$;
     end if;
   exception when duplicate_function or unique_violation then null;
   end $guard$`,
];
