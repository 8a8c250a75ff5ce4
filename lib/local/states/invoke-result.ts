import { randomUUID } from 'node:crypto';
import type { Json } from './states-language.ts';

/** The result of the `lambda:invoke` integration around a function's payload. */
export function invokeResult(payload: Json): Json {
  const requestId = randomUUID();
  const length = Buffer.byteLength(JSON.stringify(payload));
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: {
      HttpHeaders: { 'Content-Length': String(length), 'x-amzn-RequestId': requestId },
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
