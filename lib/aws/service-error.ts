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
  return textOf(error, 'name') ?? '';
}

export function errorMessage(error: unknown): string {
  return textOf(error, 'message') ?? String(error);
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

/** The SDK wraps what is no Error of its own realm, and keeps the code in the text only (@smithy/core, asSdkError). */
const WRAPPED = /^AWS SDK error wrapper for .*\b(E[A-Z]{4,}|TimeoutError)\b/;

/** Names and codes of an error and of what is behind it. */
function namesOf(error: unknown): readonly string[] {
  if (typeof error !== 'object' || error === null) return [];
  const wrapped = WRAPPED.exec(textOf(error, 'message') ?? '')?.[1];
  const own = [textOf(error, 'name'), textOf(error, 'code'), wrapped];
  const cause = 'cause' in error ? namesOf(error.cause) : [];
  // Node tries IPv6 and IPv4; when both fail the reasons are in the `errors` of an AggregateError.
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [...own.filter((text) => text !== undefined), ...cause, ...inner.flatMap(namesOf)];
}

/** Not `instanceof Error`: errors of Node's own modules may come from another realm. */
function textOf(error: unknown, property: 'name' | 'message' | 'code'): string | undefined {
  if (typeof error !== 'object' || error === null || !(property in error)) return undefined;
  const value = (error as Record<string, unknown>)[property];
  return typeof value === 'string' ? value : undefined;
}
