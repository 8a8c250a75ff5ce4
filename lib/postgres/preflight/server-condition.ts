import type { ServerCondition } from '../../core/preflight/condition.ts';
import { LONG_TRANSACTION_SECONDS } from '../../core/preflight/judge-server.ts';
import type { Session } from '../../ports/database.ts';
import { type LoadSources, loadSources } from '../backfill/load-sources.ts';

/** At most this many of each are named. */
const NAMED = 3;

/** The query texts of other sessions are left out on purpose: they may contain their data. */
const LONG_TRANSACTIONS = `
select a.pid, coalesce(nullif(a.application_name, ''), a.usename::text, a.backend_type) as who,
       extract(epoch from clock_timestamp() - a.xact_start)::int4 as seconds
from pg_stat_activity a
where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'
  and a.xact_start < clock_timestamp() - make_interval(secs => :seconds::int4)
order by a.xact_start limit ${NAMED}`;

const PREPARED = `
select gid::text as id, extract(epoch from clock_timestamp() - prepared)::int4 as seconds
from pg_prepared_xacts where database = current_database() order by prepared limit ${NAMED}`;

const SERVER = `
select age(datfrozenxid)::int4 as age,
       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_others,
       current_setting('autovacuum')::boolean and current_setting('track_counts')::boolean as autovacuum
from pg_database where datname = current_database()`;

/** A slot and a standby with feedback keep dead rows in every database, without a transaction. */
const SNAPSHOTS = `
select holder, age from (
  select 'the replication slot ' || slot_name as holder,
         greatest(age(xmin), age(catalog_xmin)) as age from pg_replication_slots
  union all
  select 'the standby ' || coalesce(nullif(application_name, ''), client_addr::text, pid::text),
         age(backend_xmin) from pg_stat_replication
) held where age is not null order by age desc limit ${NAMED}`;

const SLOTS = `
select slot_name::text as name, active, coalesce(wal_status = 'lost', false) as lost,
       coalesce(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), restart_lsn), 0)::float8 as bytes
from pg_replication_slots where restart_lsn is not null or wal_status = 'lost'
order by lost desc, bytes desc limit ${NAMED}`;

const REPLICAS: Readonly<Record<LoadSources['replicas'], string>> = {
  aurora: `
select server_id::text as name, replica_lag_in_msec::float8 as lag from aurora_replica_status()
where session_id <> 'MASTER_SESSION_ID' and replica_lag_in_msec is not null
order by lag desc limit ${NAMED}`,
  streaming: `
select coalesce(nullif(application_name, ''), client_addr::text, pid::text) as name,
       (extract(epoch from replay_lag) * 1000)::float8 as lag
from pg_stat_replication where replay_lag is not null order by lag desc limit ${NAMED}`,
};

export async function readServerCondition(session: Session): Promise<ServerCondition> {
  const transactions = await session.query(LONG_TRANSACTIONS, {
    seconds: LONG_TRANSACTION_SECONDS,
  });
  const prepared = await session.query(PREPARED);
  const [server] = await session.query(SERVER);
  const snapshots = await session.query(SNAPSHOTS);
  const slots = await session.query(SLOTS);
  const replicas = await session.query(REPLICAS[(await loadSources(session)).replicas]);
  return {
    longTransactions: transactions.map((row) => ({
      pid: Number(row['pid']),
      who: String(row['who']),
      seconds: Number(row['seconds']),
    })),
    preparedTransactions: prepared.map((row) => ({
      id: String(row['id']),
      seconds: Number(row['seconds']),
    })),
    transactionAge: Number(server?.['age'] ?? 0),
    seesOthers: server?.['sees_others'] === true,
    autovacuum: server?.['autovacuum'] === true,
    heldSnapshots: snapshots.map((row) => ({
      holder: String(row['holder']),
      age: Number(row['age']),
    })),
    slots: slots.map((row) => ({
      name: String(row['name']),
      active: row['active'] === true,
      lost: row['lost'] === true,
      bytes: Number(row['bytes']),
    })),
    replicas: replicas.map((row) => ({ name: String(row['name']), lagMs: Number(row['lag']) })),
  };
}
