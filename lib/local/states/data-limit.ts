import { MAX_DATA_BYTES } from './limits.ts';
import { DATA_LIMIT_EXCEEDED, StateError } from './state-error.ts';
import type { Json } from './states-language.ts';

/** The JSON text of `value`; throws `States.DataLimitExceeded` above 256 KiB. `what` starts the message. */
export function boundedJson(value: Json, what: string): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) <= MAX_DATA_BYTES) return text;
  throw new StateError(
    DATA_LIMIT_EXCEEDED,
    `${what} with a size exceeding the maximum number of bytes service limit.`,
  );
}
