import { isLockkeeperError, LockkeeperError } from '../../core/errors.ts';
import {
  DatabaseError,
  type DatabaseErrorKind,
  databaseErrorKindOf,
} from '../../ports/database.ts';
import type { Refusal } from '../patience.ts';
import { commonFailureOf, errorMessage, errorName } from '../service-error.ts';

/**
 * The Data API's own errors and what they say about the statement. Names are those of the service
 * model (@aws-sdk/client-rds-data, models/errors) unless marked; the reason is the API reference's.
 */
const KIND_BY_NAME: Readonly<Record<string, DatabaseErrorKind>> = {
  // 45 s are over. Without continueAfterTimeout the service cancels, and does not say whether it came in time.
  StatementTimeoutException: 'outcome-unknown',
  // "The transaction ID wasn't found": it expired, or ended by a call whose answer got lost.
  TransactionNotFoundException: 'outcome-unknown',
  // "The writer instance in the DB cluster isn't available", HTTP 504: also when it went away meanwhile.
  DatabaseUnavailableException: 'outcome-unknown',
  // HTTP 500 and 503: the service does not say how far it came.
  InternalServerErrorException: 'outcome-unknown',
  ServiceUnavailableError: 'outcome-unknown',
  // Not modelled; what AWS services answer to an unexpected failure (AWS General Reference).
  InternalFailure: 'outcome-unknown',
  // Still resuming after all our patience: nothing ran.
  DatabaseResumingException: 'unreachable',
  // "The DB cluster doesn't have a DB instance."
  DatabaseNotFoundException: 'unreachable',
  // "The resourceArn, secretArn, or transactionId value can't be found."
  NotFoundException: 'unreachable',
  // "The resource is in an invalid state": stopped, creating, being renamed.
  InvalidResourceStateException: 'unreachable',
  // "There was a problem with the Secrets Manager secret used with the request."
  SecretsErrorException: 'denied',
  // "The Secrets Manager secret used with the request isn't valid."
  InvalidSecretException: 'denied',
  // Permissions, in the two names of the model.
  AccessDeniedException: 'denied',
  ForbiddenException: 'denied',
  // "There was a problem with the result because of one of: unsupported data type, multidimensional
  // array, size limit" — the statement ran, in a transaction it can still be rolled back.
  UnsupportedResultException: 'statement',
  // Not modelled: several statements, array parameters (API reference, common errors).
  ValidationException: 'statement',
  // Not modelled: "Request exceeds the size limit of 4 MiB".
  RequestEntityTooLargeException: 'statement',
};

/** `ERROR: <text>[; Hint: ..][; Detail: ..][; Position: n]; SQLState: 23505`, where `;` may be a line break. */
const SQL_STATE = /SQLState:\s*([0-9A-Z]{5})/;
const FIELD_START = /(?:;|\n)\s*(?:Hint|Detail|Position|Where|SQLState):/;

/** Messages that AWS has sent as BadRequestException for what now has a name of its own. */
const ENDPOINT_DISABLED = /HttpEndpoint is not enabled/i;
const TIMED_OUT = /^Request timed out/i;
const TOO_LARGE = /size limit|too large/i;

/** Whether the 45 s were over; with continueAfterTimeout the statement runs on. */
export function isStatementTimeout(error: unknown): boolean {
  return errorName(error) === 'StatementTimeoutException' || TIMED_OUT.test(errorMessage(error));
}

/** Whether the service refused before it did anything, and will not refuse for long. */
export function refusalOf(error: unknown): Refusal {
  if (errorName(error) === 'DatabaseResumingException') return 'resuming';
  return commonFailureOf(error) === 'throttled' ? 'throttled' : undefined;
}

/** Translates whatever a call of the Data API threw; the only place that knows its names. */
export function translateDataApiError(error: unknown): DatabaseError | LockkeeperError {
  if (error instanceof DatabaseError || isLockkeeperError(error)) return error;
  const [name, message] = [errorName(error), errorMessage(error)];
  if (name === 'HttpEndpointNotEnabledException' || ENDPOINT_DISABLED.test(message)) {
    return new LockkeeperError('DataApiDisabled', `the Data API is off: ${message}`, {
      cause: error,
      fix: 'turn it on: aws rds enable-http-endpoint --resource-arn <cluster ARN>; a restored or renamed cluster has it off',
    });
  }
  const sqlstate = SQL_STATE.exec(message)?.[1];
  if (sqlstate !== undefined) return postgresError(sqlstate, message, error);
  return new DatabaseError(kindOf(name, message, error), explain(name, message), { cause: error });
}

function kindOf(name: string, message: string, error: unknown): DatabaseErrorKind {
  if (TIMED_OUT.test(message)) return 'outcome-unknown';
  const known = KIND_BY_NAME[name];
  if (known !== undefined) return known;
  switch (commonFailureOf(error)) {
    case 'denied':
      return 'denied';
    case 'throttled':
    case 'not-connected':
      return 'unreachable';
    case 'no-answer':
      return 'outcome-unknown';
    case undefined:
      // BadRequestException and DatabaseErrorException without a SQLSTATE are about the request.
      return name === 'BadRequestException' || name === 'DatabaseErrorException'
        ? 'statement'
        : 'outcome-unknown';
  }
}

function explain(name: string, message: string): string {
  const said = `${name}: ${message}`;
  return TOO_LARGE.test(message)
    ? `${said} (a result may have 1 MiB and a row 64 KB: read it in pages, or fewer columns)`
    : said;
}

function postgresError(sqlstate: string, message: string, cause: unknown): DatabaseError {
  const end = message.search(FIELD_START);
  const text = message
    .slice(0, end === -1 ? undefined : end)
    .replace(/^(ERROR|FATAL|PANIC):\s*/, '');
  const position = fieldOf(message, 'Position');
  const detail = fieldOf(message, 'Detail');
  // The name is not sent apart; every message of class 23 that has one quotes it like this.
  const constraint = sqlstate.startsWith('23') ? /constraint "([^"]+)"/.exec(text)?.[1] : undefined;
  return new DatabaseError(databaseErrorKindOf(sqlstate, text), text, {
    sqlstate,
    ...(position !== undefined && { position: Number(position) }),
    ...(detail !== undefined && { detail }),
    ...(constraint !== undefined && { constraint }),
    cause,
  });
}

function fieldOf(message: string, field: string): string | undefined {
  const next = '(?:;|\\n)\\s*(?:Hint|Detail|Position|Where|SQLState):';
  return new RegExp(`(?:;|\\n)\\s*${field}:\\s*([\\s\\S]*?)(?=${next}|$)`)
    .exec(message)?.[1]
    ?.trim();
}
