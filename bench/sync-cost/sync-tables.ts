import type { MigrationId } from '../../lib/core/ids.ts';
import { parseMigration } from '../../lib/core/migration/parse-migration.ts';
import { lowerOperations } from '../../lib/core/operations/lower-operations.ts';
import { loadParser } from '../../lib/core/sql/parser.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { readSchemaModel } from '../../lib/postgres/schema-model/read-schema-model.ts';

/** Who keeps the two versions of the column `status` in step. */
export type SyncWay = 'none' | 'lockkeeper' | 'pgroll';

const COLUMNS = 'id, email, status, created_at, payload';

/** A table of about 170 bytes a row, as that of the backfills. */
export function createTable(rows: number): readonly string[] {
  return [
    `create table items (id bigint primary key, email text not null, status int not null,
      created_at timestamptz not null, payload text not null) with (autovacuum_enabled = off)`,
    `insert into items select n, 'User.' || n || '@Example.com', n % 7,
      timestamptz '2024-01-01' + n * interval '1 second', repeat(md5(n::text), 3)
     from generate_series(1, ${rows}) n`,
  ];
}

const MIGRATION = `version: 1
title: status becomes bigint
versioned_schema: true
operations:
  - alter_column: { table: items, column: status, type: bigint, up: "status::bigint", down: "status::int" }
`;

/** What expand of a real migration makes, with every row filled. */
export async function prepareLockkeeper(url: string): Promise<void> {
  const parser = await loadParser();
  const migrationId = '0001_status' as MigrationId;
  const parsed = parseMigration(
    { migrationId, files: new Map([['migration.yaml', MIGRATION]]) },
    parser,
  );
  const database = pgDatabase({ url });
  try {
    if (parsed.kind === 'invalid') throw new TypeError(parsed.problems[0]?.message);
    const lowered = lowerOperations(parsed.value, await readSchemaModel(database), parser);
    if (lowered.kind === 'invalid') throw new TypeError(lowered.problems[0]?.message);
    for (const { sql, together = [] } of lowered.value.expand) {
      await inOneTransaction(database, [sql, ...together]);
    }
    await database.execute('update items set status_lk_new = status, lk_pending = false');
  } finally {
    await database.close();
  }
}

function inOneTransaction(database: Database, statements: readonly string[]): Promise<void> {
  return database.transaction(async (tx) => {
    for (const sql of statements) await tx.execute(sql);
  });
}

/**
 * The triggers of pgroll 0.16 for the same change (pkg/backfill/templates/function.go), in the shape
 * of their statements: two row triggers for every INSERT and UPDATE, each of which declares every
 * column as a variable and compares the search path with the new version's schema.
 */
export function pgrollTriggers(): readonly string[] {
  const trigger = (name: string, comparison: string, assignment: string) => [
    `create function ${name}() returns trigger language plpgsql as $$
     declare
       ${COLUMNS.split(', ')
         .map((column) => `${column} items.${column}%type := new.${column};`)
         .join('\n       ')}
       latest_schema text;
       search_path text;
     begin
       select 'public' || '_' || 'next' into latest_schema;
       select current_setting into search_path from current_setting('search_path');
       if search_path ${comparison} latest_schema then
         ${assignment}
         new.needs_backfill := false;
       end if;
       return new;
     end $$`,
    `create trigger ${name} before insert or update on items for each row execute function ${name}()`,
  ];
  return [
    'alter table items add column new_status bigint, add column needs_backfill boolean default true',
    'update items set new_status = status, needs_backfill = false',
    ...trigger('pgroll_up', '!=', 'new.new_status := status::bigint;'),
    ...trigger('pgroll_down', '=', 'new.status := new.new_status::int;'),
  ];
}
