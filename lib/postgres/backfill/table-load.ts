import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { ThrottleReading } from '../../core/backfill/throttle.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Session } from '../../ports/database.ts';

/** The load of the target, and how many of the table's updates were HOT since the server's statistics began. */
export interface TableLoad {
  readonly throttle: Omit<ThrottleReading, 'walBytesPerSecond'>;
  /** WAL that was ever written; undefined on Aurora, whose storage takes log records without WAL files. */
  readonly walBytes: number | undefined;
  readonly updates: number;
  readonly hotUpdates: number;
}

/** Where replica lag is read: Aurora replicas do not stream WAL, so pg_stat_replication is empty there. */
export type ReplicaSource = 'aurora' | 'streaming';

export async function replicaSource(session: Session): Promise<ReplicaSource> {
  const [row] = await session.query(
    `select to_regproc('aurora_replica_status') is not null as aurora`,
  );
  return row?.['aurora'] === true ? 'aurora' : 'streaming';
}

/** A primary's own; a server in recovery writes none. */
const WAL_BYTES: Readonly<Record<ReplicaSource, string>> = {
  aurora: 'null',
  streaming: `(case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') end)`,
};

const REPLICA_LAG_MS: Readonly<Record<ReplicaSource, string>> = {
  aurora: `(select max(replica_lag_in_msec) from aurora_replica_status()
            where session_id <> 'MASTER_SESSION_ID')`,
  streaming: `(select max(extract(epoch from replay_lag) * 1000) from pg_stat_replication)`,
};

/**
 * One query for all signals; it reads shared memory only and takes about a millisecond.
 * @param tag marks our own statements; who waits for their sessions waits for us
 */
export async function readTableLoad(
  session: Session,
  table: TableName,
  tag: string,
  source: ReplicaSource,
): Promise<TableLoad> {
  const [row] = await session.query(
    `with tree as materialized (
       select to_regclass(:table)::oid as relid
       union select relid::oid from pg_partition_tree(to_regclass(:table))
     ), ours as materialized (
       select pid from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()
         and state <> 'idle' and position(:tag in query) > 0
     )
     select
       (select count(*) from pg_stat_activity a
        where a.wait_event_type = 'Lock' and a.datname = current_database()
          and a.pid not in (select pid from ours)
          and exists (select from ours where ours.pid = any(pg_blocking_pids(a.pid))))::int4 as waiting,
       coalesce(${REPLICA_LAG_MS[source]}, 0)::float8 as replica_lag_ms,
       ${WAL_BYTES[source]}::float8 as wal_bytes,
       coalesce((select max(extract(epoch from clock_timestamp() - a.xact_start))
        from pg_stat_activity a
        where coalesce(a.backend_xmin, a.backend_xid) is not null and a.pid <> pg_backend_pid()
          and a.pid not in (select pid from ours)
          and a.backend_type in ('client backend', 'walsender', 'parallel worker')
          and (a.datname = current_database() or a.datname is null)), 0)::float8 as snapshot_seconds,
       exists (select from pg_stat_progress_vacuum v join pg_stat_activity a on a.pid = v.pid
        where v.relid in (select relid from tree) and v.datname = current_database()
          and position('to prevent wraparound' in a.query) > 0) as wraparound_vacuum,
       exists (select from pg_stat_progress_vacuum v
        where v.relid in (select relid from tree) and v.datname = current_database()) as vacuum,
       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_others,
       coalesce((select sum(s.n_tup_upd) from pg_stat_user_tables s
        where s.relid in (select relid from tree)), 0)::float8 as updates,
       coalesce((select sum(s.n_tup_hot_upd) from pg_stat_user_tables s
        where s.relid in (select relid from tree)), 0)::float8 as hot_updates`,
    { table: quoteQualified(table), tag },
  );
  return {
    throttle: {
      waitingForUs: Number(row?.['waiting']),
      replicaLagMs: Number(row?.['replica_lag_ms']),
      oldestSnapshotSeconds: Number(row?.['snapshot_seconds']),
      wraparoundVacuum: row?.['wraparound_vacuum'] === true,
      vacuum: row?.['vacuum'] === true,
      seesOthers: row?.['sees_others'] === true,
    },
    walBytes: typeof row?.['wal_bytes'] === 'number' ? row['wal_bytes'] : undefined,
    updates: Number(row?.['updates']),
    hotUpdates: Number(row?.['hot_updates']),
  };
}
