import { isLockkeeperError, LockkeeperError } from '../core/errors.ts';

/** Throttling, under the names the services use (SDK retry classification, @smithy/service-error-classification). */
const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttling',
  'ThrottledException',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** The caller may not do it, or is not who it says (AWS General Reference, "Common errors"). */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'ForbiddenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'NotAuthorized',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** No connection was made, so the request did not arrive (Node.js `errno` names). */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The connection was there and no answer came: the request may have had its effect. */
const NO_ANSWER = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'TimeoutError', 'EAI_AGAIN']);

/** What an error of any AWS client means, before the service's own names are looked at. */
export type CommonFailure = 'throttled' | 'denied' | 'not-connected' | 'no-answer' | undefined;

export function commonFailureOf(error: unknown): CommonFailure {
  const names = namesOf(error);
  if (names.some((name) => THROTTLING.has(name))) return 'throttled';
  if (names.some((name) => DENIED.has(name))) return 'denied';
  if (names.some((name) => NOT_CONNECTED.has(name))) return 'not-connected';
  if (names.some((name) => NO_ANSWER.has(name))) return 'no-answer';
  return undefined;
}

/** The exception name, or an empty string for what is not an error. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Turns what an AWS client threw into our error, for services whose errors mean nothing special here.
 * @param action what was being done, such as `describe the cluster orders`
 */
export function serviceError(service: string, action: string, error: unknown): LockkeeperError {
  if (isLockkeeperError(error)) return error;
  const said = `${errorName(error)}: ${errorMessage(error)}`;
  switch (commonFailureOf(error)) {
    case 'throttled':
      return new LockkeeperError('Throttled', `${service} throttled: could not ${action}`, {
        cause: error,
        fix: 'try again in a minute',
      });
    case 'denied':
      return new LockkeeperError('AccessDenied', `may not ${action}: ${said}`, {
        cause: error,
        fix: `check the credentials in use and their permissions on ${service}`,
      });
    case 'not-connected':
    case 'no-answer':
      return new LockkeeperError('TargetUnreachable', `${service} did not answer: ${said}`, {
        cause: error,
        fix: `check the network path to ${service} and the AWS_ENDPOINT_URL variables`,
      });
    case undefined:
      return new LockkeeperError('Internal', `could not ${action}: ${said}`, { cause: error });
  }
}

function namesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  // Node tries IPv6 and IPv4; when both fail the reasons are inside an AggregateError.
  const inner = error instanceof AggregateError ? error.errors.flatMap(namesOf) : [];
  const cause = error.cause === undefined ? [] : namesOf(error.cause);
  return [error.name, ...code, ...inner, ...cause];
}
