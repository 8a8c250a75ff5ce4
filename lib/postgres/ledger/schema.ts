/**
 * The ledger: what the database knows about itself, in schema `lockkeeper` of the target.
 * Each row is written in the same transaction as what it records, so it is never wrong.
 *
 * One statement an entry, each harmless when repeated: the Data API takes one statement a call,
 * and two runners may prepare at once. `lib/postgres/backfill/schema.ts` adds the backfill tables.
 */
export const LEDGER_STATEMENTS: readonly string[] = [
  'create schema if not exists lockkeeper',

  // One row. A runner writes only while its token is the one stored here, and holds the row
  // FOR SHARE until its commit, so a newer runner cannot slip in between the check and the write.
  `create table if not exists lockkeeper.fence (
     singleton boolean primary key default true check (singleton),
     execution_id text not null,
     token bigint not null
   )`,

  `create table if not exists lockkeeper.executions (
     execution_id text primary key,
     migration_id text not null,
     checksum text not null,
     plan_hash text not null,
     direction text not null check (direction in ('forward', 'back')),
     fingerprint_before text not null,
     started_at timestamptz not null default now(),
     finished_at timestamptz
   )`,

  `create table if not exists lockkeeper.steps (
     execution_id text not null references lockkeeper.executions,
     step_id text not null,
     position integer not null,
     state text not null check (state in ('started', 'done', 'undoing', 'undone')),
     started_at timestamptz not null default clock_timestamp(),
     finished_at timestamptz,
     primary key (execution_id, step_id)
   )`,

  // A migration is `applied` once finalize is over; `in-progress` keeps others out meanwhile.
  `create table if not exists lockkeeper.migrations (
     migration_id text primary key,
     checksum text not null,
     plan_hash text not null,
     execution_id text not null,
     status text not null check (status in ('in-progress', 'applied', 'rolled-back')),
     fingerprint_after text,
     changed_at timestamptz not null default now()
   )`,

  // The lines behind a fingerprint, so that drift can be shown object by object. Only the picture
  // that is expected now is kept.
  `create table if not exists lockkeeper.pictures (
     fingerprint text not null,
     kind text not null,
     name text not null,
     definition text not null
   )`,

  // A schema that somebody accepted although no migration made it. It stands until another
  // migration is applied: `after_execution` is the one before it, null when there was none.
  `create table if not exists lockkeeper.baselines (
     baseline_id bigint generated always as identity primary key,
     fingerprint text not null,
     after_execution text,
     accepted_by text not null,
     reason text not null,
     accepted_at timestamptz not null default now()
   )`,

  // How far an execution came and the schema as it left it there, so that what somebody else changed
  // while a gate was open is seen before the next phase. Forgotten when the execution ends.
  `create table if not exists lockkeeper.milestones (
     execution_id text primary key,
     milestone text not null,
     begun text,
     reached_at timestamptz not null default now()
   )`,
  `create table if not exists lockkeeper.milestone_pictures (
     execution_id text not null,
     kind text not null,
     name text not null,
     definition text not null
   )`,

  // Since when a phase waits, before its first step, for somebody to disconnect.
  `create table if not exists lockkeeper.holds (
     execution_id text not null,
     phase text not null,
     since_ms bigint not null,
     primary key (execution_id, phase)
   )`,

  // How often each statement had run that uses what is taken away, at the last look; the row without
  // a statement says when one of them was last seen to have run since a look (epoch, in ms).
  `create table if not exists lockkeeper.counted_statements (
     execution_id text not null,
     statement_id text not null,
     calls bigint not null,
     primary key (execution_id, statement_id)
   )`,
];
