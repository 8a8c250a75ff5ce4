import type { SignalName, SignalValue } from '../../core/backfill/signals.ts';
import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Row, Session } from '../../ports/database.ts';
import type { LoadSources } from './load-sources.ts';

/** What one query tells. */
export type ServerSignals = Readonly<
  Record<
    Extract<
      SignalName,
      | 'waitingForUs'
      | 'connections'
      | 'replicaLag'
      | 'archiveBacklog'
      | 'oldestSnapshot'
      | 'deadRows'
      | 'wraparoundVacuum'
      | 'vacuum'
    >,
    SignalValue
  >
>;

/** The load of the target, and how many of the table's updates were HOT since the server's statistics began. */
export interface TableLoad {
  readonly signals: ServerSignals;
  /** WAL that was ever written; undefined on Aurora, whose storage takes log records without WAL files. */
  readonly walBytes: number | undefined;
  /** False when the role may not see other sessions; then nothing that waits, and no old snapshot, means that it is not known. */
  readonly seesOthers: boolean;
  readonly updates: number;
  readonly hotUpdates: number;
}

/** A primary's own; a server in recovery writes none. */
const WAL_BYTES: Readonly<Record<LoadSources['replicas'], string>> = {
  aurora: 'null',
  streaming: `(case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') end)`,
};

const REPLICA_LAG_MS: Readonly<Record<LoadSources['replicas'], string>> = {
  aurora: `(select max(replica_lag_in_msec) from aurora_replica_status()
            where session_id <> 'MASTER_SESSION_ID')`,
  streaming: `(select max(extract(epoch from replay_lag) * 1000) from pg_stat_replication)`,
};

/**
 * Number of a segment: a file is named by timeline, 4 GiB and segment, 8 hexadecimal digits each. The
 * segment that is being written does not wait. While nothing was ever archived, it is not known
 * how many wait: -1 when archiving was tried and failed.
 */
const ARCHIVE_BACKLOG: Readonly<Record<LoadSources['archive'], string>> = {
  none: 'null',
  'ready-files': `(select count(*) from pg_ls_archive_statusdir() where name like '%.ready')`,
  segments: `(select case
       when pg_is_in_recovery() then 0
       when last_archived_wal ~ '^[0-9A-F]{24}$' then greatest(0,
         div(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'), segment.bytes) - 1
         - ('x' || substr(last_archived_wal, 9, 8))::bit(32)::int8 * (4294967296 / segment.bytes)
         - ('x' || substr(last_archived_wal, 17, 8))::bit(32)::int8)
       when failed_count > 0 then -1 else 0 end
     from pg_stat_archiver,
          (select pg_size_bytes(current_setting('wal_segment_size')) as bytes) as segment)`,
};

/**
 * One query for all signals of the server; it takes about a millisecond. It reads shared memory, and
 * where segments are archived a directory with as many files as there are segments. A role that may
 * not see other sessions still sees that they are there. Statistics that were lost, as in a crash,
 * know of no live rows until the next vacuum: the planner's estimate does.
 * @param tag marks our own statements; who waits for their sessions waits for us
 */
export async function readTableLoad(
  session: Session,
  table: TableName,
  tag: string,
  sources: LoadSources,
): Promise<TableLoad> {
  const [row = {}] = await session.query(
    `with tree as materialized (
       select to_regclass(:table)::oid as relid
       union select relid::oid from pg_partition_tree(to_regclass(:table))
     ), ours as materialized (
       select pid from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()
         and state <> 'idle' and position(:tag in query) > 0
     ), moved as materialized (
       select sum(n_tup_upd) as updates, sum(n_tup_hot_upd) as hot_updates,
              sum(n_dead_tup) as dead, sum(greatest(n_live_tup, c.reltuples)) as live
       from pg_stat_user_tables s join pg_class c on c.oid = s.relid
       where s.relid in (select relid from tree) and c.relkind <> 'p'
     )
     select
       (select count(*) from pg_stat_activity a
        where a.wait_event_type = 'Lock' and a.datname = current_database()
          and a.pid not in (select pid from ours)
          and exists (select from ours where ours.pid = any(pg_blocking_pids(a.pid))))::int4 as waiting,
       ((select count(*) from pg_stat_activity
         where usesysid is not null and coalesce(backend_type, 'client backend') = 'client backend')
        * 100.0 / (current_setting('max_connections')::int4
          - current_setting('superuser_reserved_connections')::int4
          - coalesce(current_setting('reserved_connections', true)::int4, 0)))::float8 as connections,
       coalesce(${REPLICA_LAG_MS[sources.replicas]}, 0)::float8 as replica_lag_ms,
       ${ARCHIVE_BACKLOG[sources.archive]}::float8 as archive_backlog,
       ${WAL_BYTES[sources.replicas]}::float8 as wal_bytes,
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
       coalesce((select dead * 100.0 / nullif(dead + live, 0) from moved), 0)::float8 as dead_percent,
       coalesce((select updates from moved), 0)::float8 as updates,
       coalesce((select hot_updates from moved), 0)::float8 as hot_updates`,
    { table: quoteQualified(table), tag },
  );
  const seesOthers = row['sees_others'] === true;
  // Nothing of others may mean nothing, or that it is not shown to this role.
  const ofOthers = (value: number): SignalValue => (value > 0 || seesOthers ? value : 'pending');
  return {
    signals: {
      waitingForUs: ofOthers(Number(row['waiting'])),
      connections: Number(row['connections']),
      replicaLag: Number(row['replica_lag_ms']),
      archiveBacklog: archiveBacklog(row['archive_backlog']),
      oldestSnapshot: ofOthers(Number(row['snapshot_seconds']) * 1_000),
      deadRows: Number(row['dead_percent']),
      wraparoundVacuum: ofOthers(row['wraparound_vacuum'] === true ? 1 : 0),
      vacuum: row['vacuum'] === true ? 1 : 0,
    },
    walBytes: typeof row['wal_bytes'] === 'number' ? row['wal_bytes'] : undefined,
    seesOthers,
    updates: Number(row['updates']),
    hotUpdates: Number(row['hot_updates']),
  };
}

function archiveBacklog(cell: Row[string] | undefined): SignalValue {
  if (typeof cell !== 'number') return 'absent';
  return cell < 0 ? 'unreadable' : cell;
}
