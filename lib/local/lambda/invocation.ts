/** What the service reports about a function that failed; the shape of the payload next to `X-Amz-Function-Error`. */
export interface FunctionError {
  /** Name of the thrown error, or a name of the service such as `Sandbox.Timedout`. */
  readonly errorType: string;
  readonly errorMessage: string;
  /** Stack lines; the service leaves it out when the runtime itself died. */
  readonly trace?: readonly string[];
}

/** How one invocation ended. Refusals of the service (unknown function, throttling) are thrown instead. */
export type InvocationOutcome =
  | { readonly kind: 'returned'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly functionError: FunctionError };

/** One synchronous call of a function. */
export interface InvocationRequest {
  /** The `AWSLambda` request id; also what the handler sees as `awsRequestId`. */
  readonly requestId: string;
  /** The event as JSON text: the service passes text, so a `Date` or `undefined` never reaches a handler. */
  readonly payloadJson: string;
  /** The ARN that the caller used, with its version or alias. */
  readonly invokedFunctionArn: string;
}

/** The function ran longer than its own timeout. */
export function timedOut(requestId: string, seconds: number): InvocationOutcome {
  const message = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
  return {
    kind: 'failed',
    functionError: { errorType: 'Sandbox.Timedout', errorMessage: message },
  };
}

/** The runtime went away in mid-invocation; `reason` is e.g. `signal: killed` or `exit status 1`. */
export function runtimeExited(requestId: string, reason: string): InvocationOutcome {
  const message = `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`;
  return {
    kind: 'failed',
    functionError: { errorType: 'Runtime.ExitError', errorMessage: message },
  };
}
