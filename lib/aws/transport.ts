import { NodeHttpHandler } from '@smithy/node-http-handler';

const CONNECTION_TIMEOUT_MS = 5_000;
/** Control-plane calls answer within a second or two; a lost connection must not hold a handler. */
const REQUEST_TIMEOUT_MS = 20_000;

/**
 * How calls travel: a connection, or an answer, that does not come is an error. Without this, the
 * SDK waits for an answer for as long as the socket lives, and a function until its own end.
 *
 * @param requestTimeoutMs longest wait for an answer, in milliseconds, for one attempt.
 *   @default 20000
 */
export function transport(requestTimeoutMs: number = REQUEST_TIMEOUT_MS): NodeHttpHandler {
  return new NodeHttpHandler({
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  });
}
