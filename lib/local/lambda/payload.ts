import { AwsError } from '../http/aws-error.ts';
import type { InvocationOutcome } from './invocation.ts';

/** Synchronous invocations carry at most 6 MB each way: 6 x 1,024 x 1,024 bytes of UTF-8 JSON. */
export const MAX_PAYLOAD_BYTES = 6_291_456;

/** The event as the text that travels; throws `RequestTooLargeException` above the limit. */
export function requestPayload(payload: unknown): string {
  const json = JSON.stringify(payload) ?? 'null';
  const size = Buffer.byteLength(json);
  if (size > MAX_PAYLOAD_BYTES) {
    throw new AwsError(
      'RequestTooLargeException',
      413,
      `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
    );
  }
  return json;
}

/** A result above the limit is a failure of the function, as on AWS. */
export function boundedOutcome(outcome: InvocationOutcome): InvocationOutcome {
  if (outcome.kind === 'failed') return outcome;
  const size = Buffer.byteLength(JSON.stringify(outcome.payload));
  if (size <= MAX_PAYLOAD_BYTES) return outcome;
  return {
    kind: 'failed',
    functionError: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
    },
  };
}
