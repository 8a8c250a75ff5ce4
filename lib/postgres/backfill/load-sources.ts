import type { Session } from '../../ports/database.ts';

/** Where the signals of a server are read; it stays the same for a call. */
export interface LoadSources {
  /** Aurora replicas do not stream WAL, so pg_stat_replication is empty there. */
  readonly replicas: 'aurora' | 'streaming';
  /**
   * - `none`: nothing is archived, as on Aurora
   * - `ready-files`: what the archiver has yet to do is listed, for members of pg_monitor
   * - `segments`: the distance between the segment that is written and the one archived last
   */
  readonly archive: 'none' | 'ready-files' | 'segments';
}

/** A function that may not be called fails the whole query, whether or not it would be reached. */
export async function loadSources(session: Session): Promise<LoadSources> {
  const [row] = await session.query(
    `select to_regproc('aurora_replica_status') is not null as aurora,
            current_setting('archive_mode', true) in ('on', 'always') as archives,
            has_function_privilege(to_regprocedure('pg_ls_archive_statusdir()'), 'execute') as lists`,
  );
  const aurora = row?.['aurora'] === true;
  const archives = !aurora && row?.['archives'] === true;
  return {
    replicas: aurora ? 'aurora' : 'streaming',
    archive: !archives ? 'none' : row?.['lists'] === true ? 'ready-files' : 'segments',
  };
}
