import pg from 'pg';
import type { ExecutionId } from '../../../lib/core/ids.ts';
import type { EmbeddedScene } from '../../support/embedded-scene.ts';

/** Somebody else's session with a weak lock on `people`, as a report would have it. */
export interface Holder {
  readonly pid: number;
  letGo(): Promise<void>;
}

/** Keeps every strong lock on `people` waiting, and nothing else. */
export async function holdTable(url: string, application = 'nightly-report'): Promise<Holder> {
  const client = new pg.Client({ connectionString: url, application_name: application });
  // Its server may be stopped under it.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query('lock table people in access share mode');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return {
    pid: rows[0]?.pid ?? 0,
    letGo: () => client.end(),
  };
}

/** Waits until a statement of this execution waits for a lock in the server. */
export async function waitsForLock(scene: EmbeddedScene, id: ExecutionId): Promise<void> {
  await scene.untilTrue(
    `select count(*) > 0 from pg_stat_activity
     where wait_event_type = 'Lock' and position($1 in query) > 0 and pid <> pg_backend_pid()`,
    [`lockkeeper ${id} `],
  );
}

/** For `untilTrue`, with the execution and a number of rows: its backfill is in the middle. */
export const MOVED_MORE_THAN = `select coalesce((select case
    when to_regclass('lockkeeper.backfills') is null then false
    else (xpath('//moved/text()', query_to_xml(format(
      'select coalesce(sum(rows_moved), 0) as moved from lockkeeper.backfills where execution_id = %L',
      $1::text), false, true, '')))[1]::text::int > $2::int end), false)`;
