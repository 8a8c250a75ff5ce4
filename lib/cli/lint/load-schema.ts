import pg from 'pg';
import { LockkeeperError } from '../../core/errors.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import { type Statement, split } from '../../core/sql/split.ts';

export interface SchemaFile {
  /** As it was asked for. */
  readonly file: string;
  readonly text: string;
}

const UNDEFINED_OBJECT = '42704';

/**
 * Runs the statements of a schema, such as `pg_dump --schema-only` writes it, one by one. Roles that
 * it gives things to are made on the way: there are none on a server that was made for a proof.
 * @throws LockkeeperError InvalidConfiguration with file and line of the statement that fails
 */
export async function loadSchema(
  url: string,
  files: readonly SchemaFile[],
  parser: SqlParser,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const { file, text } of files) {
      // psql's own commands, which newer dumps begin and end with; the line stays, so that lines count.
      const sql = text.replaceAll(/^\\.*$/gm, '');
      const parts = split(parser, sql);
      if (parts.kind === 'syntax-error') {
        throw unusable(`${file}:${parts.line}:${parts.column}: ${parts.message}`);
      }
      for (const statement of parts.statements) await run(client, file, statement);
    }
  } finally {
    await client.end();
  }
}

async function run(client: pg.Client, file: string, statement: Statement): Promise<void> {
  for (let missing: string | undefined; ; ) {
    try {
      if (missing !== undefined) await client.query(`create role ${pg.escapeIdentifier(missing)}`);
      await client.query(statement.text);
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      const role = error.code === UNDEFINED_OBJECT ? roleIn(error.message) : undefined;
      if (role === undefined || role === missing) {
        throw unusable(`${file}:${statement.line}:${statement.column}: ${error.message}`, error);
      }
      missing = role;
    }
  }
}

function roleIn(message: string): string | undefined {
  return /^role "(.+)" does not exist$/.exec(message)?.[1];
}

function unusable(message: string, cause?: unknown): LockkeeperError {
  return new LockkeeperError('InvalidConfiguration', message, {
    fix: 'give --schema SQL that runs on an empty PostgreSQL 18, such as pg_dump --schema-only writes it, without extensions that are not part of PostgreSQL',
    ...(cause !== undefined && { cause }),
  });
}
