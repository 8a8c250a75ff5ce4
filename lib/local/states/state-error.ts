/** A state failed. `error` is the name that Retry and Catch match on, `cause` the text shown with it. */
export class StateError extends Error {
  readonly error: string;
  readonly causeText: string;

  constructor(error: string, causeText: string) {
    super(causeText);
    this.name = error;
    this.error = error;
    this.causeText = causeText;
  }
}

/** Bad paths and the like: nothing retries or catches it, the execution fails (developer guide, "Error names"). */
export const RUNTIME_ERROR = 'States.Runtime';
/** A payload above 256 KiB; only its exact name matches it, `States.ALL` does not. */
export const DATA_LIMIT_EXCEEDED = 'States.DataLimitExceeded';
export const TIMEOUT = 'States.Timeout';
export const HEARTBEAT_TIMEOUT = 'States.HeartbeatTimeout';

/**
 * Whether one of the names in `ErrorEquals` covers `error`. `States.ALL` excludes `States.Runtime` and
 * `States.DataLimitExceeded`; `States.TaskFailed` covers every error of a task except timeouts; `States.Timeout` also
 * covers a missed heartbeat.
 */
export function matchesError(error: string, names: readonly string[]): boolean {
  if (error === RUNTIME_ERROR) return false;
  return names.some((name) => {
    if (name === error) return true;
    if (name === 'States.ALL') return error !== DATA_LIMIT_EXCEEDED;
    const timedOut = error === TIMEOUT || error === HEARTBEAT_TIMEOUT;
    if (name === 'States.TaskFailed') return !timedOut && error !== DATA_LIMIT_EXCEEDED;
    return name === TIMEOUT && timedOut;
  });
}
