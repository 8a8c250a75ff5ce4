import type { RecordedChange } from '../../core/drift/who-changed.ts';
import { LockkeeperError } from '../../core/errors.ts';
import { type Database, DatabaseError, type Session } from '../../ports/database.ts';

/** What is older is removed when the recording is switched on again. */
const KEPT_DAYS = 365;
/** 500 changes of a few hundred bytes stay far below the Data API's 1 MiB. */
const MOST_CHANGES = 500;

/**
 * The function runs as its owner, because whoever may change the schema may not write the ledger, and
 * it never fails: a log is not worth somebody's statement. Left out: what the engine does (its tag),
 * the ledger, temporary objects and what belongs to an extension. The text of a statement is not
 * kept: it may contain passwords.
 */
const FUNCTION = (read: string, from: string, condition: string) => `
create or replace function lockkeeper.${read}() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  if current_query() like '/* lockkeeper %' then return; end if;
  insert into lockkeeper.ddl_log (role, application, command, kind, identity)
  select session_user, current_setting('application_name'), tg_tag, object_type, object_identity
  from ${from}() where ${condition} and object_identity is not null
    and coalesce(schema_name, '') not in ('lockkeeper', 'pg_temp') and object_identity !~ '^(pg_temp|lockkeeper\\M)';
exception when others then
  raise warning 'lockkeeper could not record a change of the schema (%)', sqlerrm;
end $body$`;

const SWITCH_ON: readonly string[] = [
  `create table if not exists lockkeeper.ddl_log (
     change_id bigint generated always as identity primary key,
     at timestamptz not null default clock_timestamp(),
     role text not null,
     application text not null,
     command text not null,
     kind text not null,
     identity text not null
   )`,
  `delete from lockkeeper.ddl_log where at < now() - interval '${KEPT_DAYS} days'`,
  FUNCTION('record_ddl', 'pg_event_trigger_ddl_commands', 'not in_extension'),
  FUNCTION('record_drop', 'pg_event_trigger_dropped_objects', 'original or normal'),
  'drop event trigger if exists lockkeeper_record_ddl',
  'drop event trigger if exists lockkeeper_record_drop',
  'create event trigger lockkeeper_record_ddl on ddl_command_end execute function lockkeeper.record_ddl()',
  'create event trigger lockkeeper_record_drop on sql_drop execute function lockkeeper.record_drop()',
];

/** What was recorded stays. */
const SWITCH_OFF: readonly string[] = [
  'drop event trigger if exists lockkeeper_record_ddl',
  'drop event trigger if exists lockkeeper_record_drop',
];

/**
 * Makes, or removes, the event triggers that record who changes the schema.
 * @throws LockkeeperError NotAllowed: event triggers need a superuser, on RDS rds_superuser
 */
export async function switchRecording(database: Database, on: boolean): Promise<void> {
  try {
    await database.transaction(async (tx) => {
      for (const statement of on ? SWITCH_ON : SWITCH_OFF) await tx.execute(statement);
    });
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== 'denied') throw error;
    throw new LockkeeperError('NotAllowed', `event triggers were refused: ${error.message}`, {
      fix: 'they need a superuser, on RDS a member of rds_superuser',
      cause: error,
    });
  }
}

/** Whether changes of the schema are recorded now; both triggers, and none of them disabled. */
export async function isRecording(session: Session): Promise<boolean> {
  const [row] = await session.query(
    `select count(*) = 2 as recording from pg_event_trigger
     where evtname in ('lockkeeper_record_ddl', 'lockkeeper_record_drop') and evtenabled <> 'D'`,
  );
  return row?.['recording'] === true;
}

/** @param since ISO 8601; @returns newest first */
export async function recordedChanges(
  session: Session,
  since: string,
): Promise<readonly RecordedChange[]> {
  const [log] = await session.query(`select to_regclass('lockkeeper.ddl_log') is not null as kept`);
  if (log?.['kept'] !== true) return [];
  const rows = await session.query(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at,
            role, application, command, identity
     from lockkeeper.ddl_log where at >= :since::timestamptz
     order by change_id desc limit ${MOST_CHANGES}`,
    { since },
  );
  return rows.map((row) => ({
    at: String(row['at']),
    role: String(row['role']),
    application: String(row['application']),
    command: String(row['command']),
    identity: String(row['identity']),
  }));
}
