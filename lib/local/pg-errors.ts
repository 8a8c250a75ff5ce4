import pg from 'pg';
import { DatabaseError, databaseErrorKindOf } from '../ports/database.ts';

/** Translates what a statement threw: the server's answer, or the loss of the connection. */
export function translatePgError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { message } = error as Error;
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) {
    return new DatabaseError('outcome-unknown', `connection lost: ${message}`, { cause: error });
  }
  const { code, position, detail, constraint } = error;
  return new DatabaseError(databaseErrorKindOf(code, message), message, {
    sqlstate: code,
    ...(position !== undefined && { position: Number(position) }),
    ...(detail !== undefined && { detail }),
    ...(constraint !== undefined && { constraint }),
    cause: error,
  });
}

/** Without a connection no statement ran, whatever the reason is. */
export function translateConnectError(error: unknown): DatabaseError {
  const translated = translatePgError(error);
  if (translated.kind !== 'outcome-unknown') return translated;
  return new DatabaseError('unreachable', `cannot connect: ${reasonOf(error)}`, {
    cause: error,
    ...(translated.sqlstate !== undefined && { sqlstate: translated.sqlstate }),
  });
}

/** Node reports a refused connection to several addresses with an empty message and a code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as Error & { readonly code?: string };
  return message === '' ? (code ?? 'unknown reason') : message;
}
