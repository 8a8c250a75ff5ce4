import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connect } from '../lib/cli/connect.ts';
import type { Connection } from '../lib/cli/connection.ts';
import { silentOutput } from '../lib/cli/output.ts';
import { openProject } from '../lib/cli/project.ts';
import type { ExecutionId, MigrationId } from '../lib/core/ids.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../lib/local/embedded-aws.ts';
import { pgDatabase } from '../lib/local/pg-database.ts';
import { makeReachable } from '../lib/local/postgres/data-directory.ts';
import { fingerprint } from '../lib/postgres/fingerprint.ts';
import { type FaultSwitch, faultSwitch, OBSERVER } from './armed.ts';
import { runHere, type Said } from './command-line.ts';
import { MIGRATION, migrationOf, ROWS, type Story } from './migrations.ts';

const CONFIGURATION = `version: 1
environments:
  embedded:
    target: {kind: embedded}
    policy: {allow_without_snapshots: true}
`;

/** Waits and retry delays of the state machine pass fifty times as fast: five tries take 3 s. */
const WAIT_SCALE = 0.02;

/**
 * No fsync: what is killed is the server, not the machine. Commits stay synchronous, because a
 * commit that was answered must survive the server.
 */
const SERVER_SETTINGS = { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB' } as const;

/** Schema and rows of the target, without the ledger. */
export interface Picture {
  readonly schema: string;
  readonly rows: readonly string[];
}

/** One embedded AWS and a project on it, for one cell after the other. */
export interface Scene {
  readonly aws: EmbeddedAws;
  readonly switch: FaultSwitch;
  /** Looks at everything; no fault meets its calls. */
  readonly observer: Connection;
  /** A table `people` as it was before anything moved, and nobody's lease on it. */
  reset(story: Story): Promise<void>;
  /** Runs `lockkeeper` in the project. */
  lockkeeper(argv: readonly string[]): Promise<Said>;
  /** Asks the target past the Data API, as the superuser. Tries for a while when it is down. */
  ask<Row extends pg.QueryResultRow>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<readonly Row[]>;
  picture(): Promise<Picture>;
  /** Every execution of the migration that there ever was, newest first. */
  executions(): Promise<readonly ExecutionId[]>;
  close(): Promise<void>;
}

/** Starts it; about four seconds on two idle cores. */
export async function openScene(): Promise<Scene> {
  const root = await mkdtemp(join(tmpdir(), 'lockkeeper-faults-'));
  await makeReachable(root);
  await writeFile(join(root, 'lockkeeper.yaml'), CONFIGURATION);
  const faults = faultSwitch();
  const aws = await startEmbeddedAws({
    stateDirectory: join(root, '.lockkeeper'),
    waitScale: WAIT_SCALE,
    serverSettings: SERVER_SETTINGS,
    faults: faults.faults,
  });
  const observer = await connect(await openProject(root), { as: OBSERVER }, silentOutput);
  const pool = openPool(aws);
  const ask: Scene['ask'] = (sql, parameters = []) => patiently(pool, sql, parameters);

  return {
    aws,
    switch: faults,
    observer,
    ask,
    reset: async (story) => {
      const folder = join(root, 'migrations', MIGRATION);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'migration.yaml'), migrationOf(story));
      const { control, target } = observer;
      const lease = await control.getLease(target.name);
      if (lease !== undefined) await control.releaseLease(target.name, lease.executionId);
      for (const statement of FRESH_TARGET) await ask(statement);
    },
    lockkeeper: (argv) => runHere(root, argv),
    picture: async () => {
      const session = pgDatabase({ url: aws.description.databaseUrl, connections: 1 });
      try {
        const rows = await ask<{ line: string }>(
          'select to_jsonb(p)::text as line from people p order by 1',
        );
        return { schema: await fingerprint(session), rows: rows.map(({ line }) => line) };
      } finally {
        await session.close();
      }
    },
    executions: async () => {
      const migrationId = MIGRATION as MigrationId;
      const found = await observer.control.listExecutions({ migrationId, limit: 1_000 });
      return found.map(({ executionId }) => executionId);
    },
    close: async () => {
      await observer.close();
      await pool.end();
      await aws.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/**
 * Only the backfill updates rows of `people`, so every update is a move. They are counted where
 * no rollback of the migration takes them back. While `full_disk` has a row, the server refuses
 * commands and moves with the SQLSTATE, the words and the aborted transaction of a full disk.
 */
const FRESH_TARGET: readonly string[] = [
  'drop schema if exists lockkeeper cascade',
  'drop schema if exists witness cascade',
  'drop schema public cascade',
  'create schema public authorization app_owner',
  'create schema witness authorization app_owner',
  'create table witness.moves (id bigint not null)',
  'alter table witness.moves owner to app_owner',
  'create table people (id bigint primary key, name text not null)',
  'alter table people owner to app_owner',
  `insert into people select i, 'Name ' || i from generate_series(1, ${ROWS}) i`,
  'create table witness.full_disk ()',
  'alter table witness.full_disk owner to app_owner',
  `create function witness.need_room() returns void language plpgsql as
   $$ begin
     if exists (select from witness.full_disk) then
       raise exception 'could not extend file "base/16384/16385": No space left on device'
         using errcode = 'disk_full', hint = 'Check free disk space.';
     end if;
   end $$`,
  `create function witness.count_move() returns trigger language plpgsql as
   $$ begin
     perform witness.need_room();
     insert into witness.moves values (new.id);
     return null;
   end $$`,
  `create function witness.watch_commands() returns event_trigger language plpgsql as
   $$ begin perform witness.need_room(); end $$`,
  // In the server, because a lock attempt may last no longer than a tenth of a second.
  `create function witness.cancel_waiting() returns boolean language plpgsql as
   $$ begin
     for look in 1..1000 loop
       perform pg_cancel_backend(pid) from pg_locks where not granted and pid <> pg_backend_pid();
       if found then return true; end if;
       perform pg_sleep(0.002);
     end loop;
     return false;
   end $$`,
  'create event trigger lack_of_room on ddl_command_end execute function witness.watch_commands()',
  `create trigger count_move after update on people
   for each row execute function witness.count_move()`,
  'analyze people',
];

function openPool(aws: EmbeddedAws): pg.Pool {
  const url = aws.rds.postgres(aws.description.clusterIdentifier)?.url(aws.description.database);
  const pool = new pg.Pool({ connectionString: url, max: 4, allowExitOnIdle: true });
  // A server that is stopped under us breaks its connections.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A restarted server is back within a second or two. */
const PATIENCE_MS = 15_000;

async function patiently<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  for (const giveUpAt = Date.now() + PATIENCE_MS; ; ) {
    try {
      return (await pool.query<Row>(sql, [...parameters])).rows;
    } catch (error) {
      const isSql = error instanceof pg.DatabaseError && !/^(57P|08|25006)/.test(error.code ?? '');
      if (isSql || Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
