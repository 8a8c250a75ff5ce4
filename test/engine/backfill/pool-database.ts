import type pg from 'pg';
import {
  type Database,
  DatabaseError,
  databaseErrorKindOf,
  type Parameters,
  type Row,
  type Session,
} from '../../../lib/ports/database.ts';
import { bindNamed } from '../../../lib/postgres/named-parameters.ts';

type Queryable = Pick<pg.Pool, 'query'>;

function session(target: Queryable): Session {
  const run = async (sql: string, parameters: Parameters = {}) => {
    const { text, order } = bindNamed(sql, Object.keys(parameters));
    const values = order.map((name) => {
      const value = parameters[name];
      return value === null || value === undefined ? null : String(value);
    });
    try {
      return await target.query({
        text,
        values,
        types: { getTypeParser: (oid: number) => parserOf(oid) },
      } as pg.QueryConfig);
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  return {
    query: async (sql, parameters) => (await run(sql, parameters)).rows as Row[],
    execute: async (sql, parameters) => (await run(sql, parameters)).rowCount ?? 0,
  };
}

function parserOf(oid: number): (text: string) => unknown {
  if (oid === 16) return (text) => text === 't';
  return [21, 23, 700, 701].includes(oid) ? Number : (text) => text;
}

function toDatabaseError(error: unknown): DatabaseError {
  const { code = '', message } = error as { code?: string; message: string };
  const kind = /^[0-9A-Z]{5}$/.test(code) ? databaseErrorKindOf(code, message) : 'outcome-unknown';
  return new DatabaseError(kind, message, { sqlstate: code, cause: error });
}

/** A Database on a pool. */
export function poolDatabase(pool: pg.Pool): Database {
  return {
    ...session(pool),
    transaction: async (work) => {
      const client = await pool.connect();
      const tx = session(client);
      try {
        await tx.execute('begin');
        const result = await work(tx);
        await tx.execute('commit');
        return result;
      } catch (error) {
        await tx.execute('rollback').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
    submit: async (sql) => {
      await session(pool).execute(sql);
      return 'finished';
    },
    close: () => pool.end(),
  };
}
