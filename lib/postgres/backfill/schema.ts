/** What a batch raises when the fence or the checkpoint is not the one its runner read. */
export const BATCH_REFUSED = 'LK001';

/**
 * The backfill's part of the ledger; it needs the schema that `LEDGER_STATEMENTS` makes. One
 * statement an entry, each harmless when repeated.
 */
export const BACKFILL_STATEMENTS: readonly string[] = [
  // `revision` counts the moves of the checkpoint: a batch names the one it read and fails when it
  // is not the current one any more. `goal` is the last key there was at the start; rows that come
  // after it were written by code, or a trigger, that knows the new structure.
  `create table if not exists lockkeeper.backfills (
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

  // Fails the statement that calls it, so that nothing of a batch is kept. Not immutable, or the
  // planner would call it ahead of time. The guard keeps two runners from replacing it at once.
  `do $guard$ begin
     if to_regprocedure('lockkeeper.refuse_batch()') is null then
       create function lockkeeper.refuse_batch() returns bigint language plpgsql volatile as $body$
       begin
         raise exception 'the fence or the checkpoint of this batch has moved on'
           using errcode = '${BATCH_REFUSED}';
       end $body$;
     end if;
   exception when duplicate_function or unique_violation then null;
   end $guard$`,
];
