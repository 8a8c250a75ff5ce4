import type { Database } from '../../ports/database.ts';

/**
 * Stops writers of a database that is about to be put aside: every new session of it is read-only
 * unless it says otherwise, and the sessions that are there are ended, so that a connection pool
 * cannot go on writing rows which nobody will ever read.
 * @returns how many sessions were told to end
 */
export async function freeze(database: Database): Promise<number> {
  if (!(await isFrozen(database))) {
    const [row] = await database.query('select quote_ident(current_database()) as name');
    await database.execute(
      `alter database ${String(row?.['name'])} set default_transaction_read_only = on`,
    );
  }
  // Those that this role may not end belong to the service itself.
  const ended = await database.query(
    `select pg_terminate_backend(a.pid) as told
     from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
     where a.datname = current_database() and a.pid <> pg_backend_pid()
       and a.backend_type = 'client backend' and not r.rolsuper and r.rolname <> 'rdsadmin'
       and (pg_has_role(a.usesysid, 'member') or pg_has_role('pg_signal_backend', 'member'))`,
  );
  return ended.length;
}

/** Whether the database was frozen, whatever a session of before it may still do. */
export async function isFrozen(database: Database): Promise<boolean> {
  const [row] = await database.query(
    `select exists (
       select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
       where d.datname = current_database() and s.setrole = 0
         and 'default_transaction_read_only=on' = any(s.setconfig)) as frozen`,
  );
  return row?.['frozen'] === true;
}
