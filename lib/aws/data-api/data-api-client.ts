import { RDSDataClient, type RDSDataClientConfig } from '@aws-sdk/client-rds-data';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The Data API answers after 45 s at the latest; AWS advises at least 60 s on the client's side. */
const REQUEST_TIMEOUT_MS = 60_000;
const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * The SDK repeats a call that got no answer or a 5xx. A statement that may have run must not run
 * again, so it gets one attempt; what is safe to repeat, `withPatience` repeats.
 */
export function dataApiClient(config: RDSDataClientConfig = {}): RDSDataClient {
  return new RDSDataClient({
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    }),
    ...config,
  });
}
