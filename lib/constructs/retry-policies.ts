import { Duration } from 'aws-cdk-lib';
import type { RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { ERROR_CODES, type ErrorCode } from '../core/errors.ts';

/** The service refused or lost the call; our code may or may not have run. */
export const LAMBDA_SERVICE_ERRORS = [
  'Lambda.ServiceException', // 5xx of the service
  'Lambda.AWSLambdaException', // the same, as older integrations name it
  'Lambda.SdkClientException', // the connection broke, perhaps after our code began
  'Lambda.ClientExecutionTimeoutException', // no answer in time, same doubt
  'Lambda.TooManyRequestsException', // account concurrency is used up by others
] as const;

/** Our code began and never answered. */
export const KILLED_FUNCTION_ERRORS = [
  'Sandbox.Timedout', // the function's own timeout
  'States.Timeout', // the task's timeout, later than the function's: see `HandlerTask`
  'Runtime.ExitError', // the process died, such as out of memory
  'Lambda.Unknown', // any of these, as older runtimes report it
] as const;

/** Thrown by our code, which says that the same call may succeed later. */
export const RETRYABLE_HANDLER_ERRORS: readonly string[] = Object.entries(ERROR_CODES)
  .filter(([, { retryable }]) => retryable)
  .map(([code]) => code);

/**
 * `open-gate` throws it when the gate was decided between opening it and waiting for it: a callback
 * state ends at once only by an error.
 */
export const GATE_MOVED_ON = 'WrongState' satisfies ErrorCode;

/** Every error name that the state machine matches on; a test holds the definition to it. */
export const KNOWN_ERROR_NAMES: ReadonlySet<string> = new Set([
  'States.ALL',
  GATE_MOVED_ON,
  ...LAMBDA_SERVICE_ERRORS,
  ...KILLED_FUNCTION_ERRORS,
  ...RETRYABLE_HANDLER_ERRORS,
]);

/** Waits 2 + 4 + 8 + 16 + 32 + 64 + 128 s: rides out four minutes of trouble in Lambda. */
export const RETRY_LAMBDA_SERVICE: RetryProps = {
  errors: [...LAMBDA_SERVICE_ERRORS],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 7,
};

/**
 * A killed function is called again because every handler is idempotent and goes on from its last
 * checkpoint: rolling back hours of backfill for one lost process would be the larger risk. Three
 * times, because a function that dies four times in a row at the same place will not get past it.
 * Waits 10 + 20 + 40 s. When each call runs into its timeout of 900 s, 4 x 900 + 70 s is about an
 * hour before the way back begins.
 */
export const RETRY_KILLED_FUNCTION: RetryProps = {
  errors: [...KILLED_FUNCTION_ERRORS],
  interval: Duration.seconds(10),
  backoffRate: 2,
  maxAttempts: 3,
};

/**
 * Waits 5 + 10 + 20 + 40 + 80 s: about two and a half minutes, enough for a failover of the writer
 * (typically under one minute) and a rush on the Data API. Handlers retry inside of a call as
 * well; this is for what they did not expect.
 */
export const RETRY_HANDLER_ERROR: RetryProps = {
  errors: [...RETRYABLE_HANDLER_ERRORS],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 5,
};
