import { RDSDataClient, type RDSDataClientConfig } from '@aws-sdk/client-rds-data';
import { transport } from '../transport.ts';

/** The Data API answers after 45 s at the latest; AWS advises at least 60 s on the client's side. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * The SDK repeats a call that got no answer or a 5xx. A statement that may have run must not run
 * again, so it gets one attempt; what is safe to repeat, `withPatience` repeats.
 */
export function dataApiClient(config: RDSDataClientConfig = {}): RDSDataClient {
  return new RDSDataClient({
    maxAttempts: 1,
    requestHandler: transport(REQUEST_TIMEOUT_MS),
    ...config,
  });
}
