import type { Session } from '../ports/database.ts';

export interface ServerFacts {
  /** Major version, such as 18. */
  readonly majorVersion: number;
  readonly timeZoneUtc: boolean;
  /**
   * What a new session of our role gets; `online` statements run under these because nothing can
   * be set for a single call of the Data API.
   */
  readonly roleLockTimeoutMs: number;
  readonly roleStatementTimeoutMs: number;
  readonly readOnly: boolean;
  /** Where unqualified names are created; undefined when nothing on the search path exists. */
  readonly currentSchema: string | undefined;
}

export async function serverFacts(session: Session): Promise<ServerFacts> {
  const [row] = await session.query(
    `select current_setting('server_version_num')::int / 10000 as major,
            current_setting('TimeZone') in ('UTC', 'Etc/UTC', 'GMT', 'UCT') as utc,
            (select setting::int from pg_settings where name = 'lock_timeout') as lock_timeout,
            (select setting::int from pg_settings where name = 'statement_timeout') as statement_timeout,
            pg_is_in_recovery() as in_recovery,
            current_schema()::text as current_schema`,
  );
  return {
    majorVersion: Number(row?.['major']),
    timeZoneUtc: row?.['utc'] === true,
    roleLockTimeoutMs: Number(row?.['lock_timeout']),
    roleStatementTimeoutMs: Number(row?.['statement_timeout']),
    readOnly: row?.['in_recovery'] === true,
    currentSchema: (row?.['current_schema'] ?? undefined) as string | undefined,
  };
}
