import pg from 'pg';

/** A row as PostgreSQL sends it: text, whatever the type, because we ask for no conversion. */
export type Row = Readonly<Record<string, string | null>>;

export interface Answer {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** One connection of an application server, open for as long as the traffic runs. */
export interface Connection {
  /**
   * Runs a prepared statement.
   * @param name of the prepared statement; one text for each name
   */
  run(name: string, sql: string, values: readonly unknown[]): Promise<Answer>;
  /** Runs the work in a transaction: committed when it returns, rolled back when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Every value as the text PostgreSQL sent: a bigint or a numeric would lose digits otherwise. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

/** @param applicationName shows in pg_stat_activity, so that waits can be told apart by version */
export async function connect(
  connectionString: string,
  applicationName: string,
): Promise<Connection> {
  const client = new pg.Client({
    connectionString,
    application_name: applicationName,
    types: AS_TEXT,
  });
  // A connection that breaks while idle is noticed by the next request on it, and counted there.
  client.on('error', () => undefined);
  await client.connect();

  const run = async (name: string, text: string, values: readonly unknown[]): Promise<Answer> => {
    const result = await client.query<Row>({ name, text, values: [...values] });
    return { rows: result.rows, rowCount: result.rowCount ?? 0 };
  };
  return {
    run,
    transaction: async (work) => {
      await client.query('begin');
      try {
        const value = await work();
        await client.query('commit');
        return value;
      } catch (error) {
        // The first error is the one that counts; if the rollback fails too, the connection is gone.
        await client.query('rollback').catch(() => undefined);
        throw error;
      }
    },
    close: () => client.end(),
  };
}

/** A column that is never null in this answer. */
export function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (value === undefined || value === null) throw new TypeError(`column ${column} is missing`);
  return value;
}
