import { AwsError } from '../http/aws-error.ts';
import { databaseError, databaseUnavailable, invalidSecret, validation } from './errors.ts';

/** The parts of a driver error that matter; all optional because network errors have none of them. */
interface DriverError {
  readonly message: string;
  readonly severity?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly position?: string;
}

/** SQLSTATEs of a login that PostgreSQL refused because of the account, not the request. */
const LOGIN_REFUSED: ReadonlySet<string> = new Set(['28P01', '28000']);
/** Nobody answers, the connection broke, or the server is still starting (57P03). */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  '57P03',
]);
/** The driver reports these without a code. */
const DRIVER_UNAVAILABLE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;
/** The extended protocol takes one statement; this is how PostgreSQL says that there were more. */
const SEVERAL_STATEMENTS = 'cannot insert multiple commands into a prepared statement';

/**
 * Translates what the driver threw into what the Data API answers:
 * `ERROR: <text>[; Hint: <text>][; Position: n]; SQLState: 42883`.
 */
export function databaseFailure(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const failure = error as DriverError;
  const { code, severity, message, hint, position } = failure;
  if ((code && UNAVAILABLE.has(code)) || DRIVER_UNAVAILABLE.test(message)) {
    return databaseUnavailable();
  }
  if (severity === undefined || code === undefined) return databaseError(message);
  if (LOGIN_REFUSED.has(code)) return invalidSecret(message);
  if (code === '42601' && message === SEVERAL_STATEMENTS) {
    return validation("Multistatements aren't supported.");
  }
  const parts = [`${severity}: ${message}`];
  if (hint !== undefined) parts.push(`Hint: ${hint}`);
  if (position !== undefined) parts.push(`Position: ${position}`);
  parts.push(`SQLState: ${code}`);
  return databaseError(parts.join('; '));
}
