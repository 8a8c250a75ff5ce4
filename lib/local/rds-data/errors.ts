import { AwsError } from '../http/aws-error.ts';

/*
 * The Data API's errors, with the wording AWS uses where it is documented or has been reported.
 * `ValidationException` is not in the SDK's model: clients match it by name.
 */

export const validation = (message: string): AwsError =>
  new AwsError('ValidationException', 400, message);

export const badRequest = (message: string): AwsError =>
  new AwsError('BadRequestException', 400, message);

export const databaseError = (message: string): AwsError =>
  new AwsError('DatabaseErrorException', 400, message);

export const unsupportedResult = (message: string): AwsError =>
  new AwsError('UnsupportedResultException', 400, message);

/** AWS gives this answer for a cluster that does not exist, too. */
export const endpointNotEnabled = (resourceArn: string): AwsError =>
  new AwsError(
    'HttpEndpointNotEnabledException',
    400,
    `HttpEndpoint is not enabled for resource ${resourceArn}`,
  );

export const databaseNotFound = (resourceArn: string): AwsError =>
  new AwsError(
    'DatabaseNotFoundException',
    404,
    `DB cluster ${resourceArn} doesn't have a DB instance.`,
  );

export const databaseUnavailable = (): AwsError =>
  new AwsError('DatabaseUnavailableException', 504, "The writer instance isn't available.");

export const secretNotFound = (secretArn: string): AwsError =>
  new AwsError(
    'SecretsErrorException',
    400,
    `There was a problem with the Secrets Manager secret used with the request: ${secretArn} can't be found.`,
  );

export const invalidSecret = (detail: string): AwsError =>
  new AwsError(
    'InvalidSecretException',
    400,
    `The Secrets Manager secret used with the request isn't valid: ${detail}`,
  );

/** @param dbConnectionId pid of the backend that ran, or still runs, the statement */
export const statementTimeout = (dbConnectionId: number): AwsError =>
  new AwsError('StatementTimeoutException', 400, 'Request timed out', { dbConnectionId });

export const requestTooLarge = (): AwsError =>
  new AwsError('RequestEntityTooLargeException', 413, 'Request exceeds the size limit of 4 MiB.');

/** Why a transaction id leads nowhere; AWS appends the cause to one common sentence. */
export type MissingTransaction = 'expired' | 'ended' | 'aborted';

const CAUSES: Readonly<Record<MissingTransaction, string>> = {
  expired: 'Transaction may be expired.',
  ended: 'One previous call resulted in a termination of your transaction.',
  aborted: 'Transaction has been aborted due to an error from a previous call.',
};

export const transactionNotFound = (id: string, cause: MissingTransaction): AwsError =>
  new AwsError(
    'TransactionNotFoundException',
    404,
    `Transaction ${id} is not found. ${CAUSES[cause]}`,
  );
