import { gunzipSync, gzipSync } from 'node:zlib';
import { type ErrorCode, LockkeeperError } from '../../core/errors.ts';

/**
 * DynamoDB's item limit is 400 KB (Service quotas). 350 KB of content leaves 50 KB for keys and
 * the other attributes, of which there are less than 2 KB.
 */
export const COMPRESSED_LIMIT_BYTES = 350 * 1024;

/**
 * JSON, gzipped. The same value gives the same bytes in one version of Node, so a repeated write
 * can be recognized.
 * @param what names the thing in the message, such as `the plan`
 * @throws LockkeeperError `code` when it does not fit into one item
 */
export function compress(value: unknown, what: string, code: ErrorCode, fix: string): Uint8Array {
  const bytes = gzipSync(JSON.stringify(value), { level: 9 });
  if (bytes.length <= COMPRESSED_LIMIT_BYTES) return bytes;
  const kilobytes = Math.ceil(bytes.length / 1024);
  throw new LockkeeperError(
    code,
    `${what} is ${kilobytes} KB compressed, at most ${COMPRESSED_LIMIT_BYTES / 1024} KB can be kept`,
    { fix, facts: { kilobytes } },
  );
}

/** The inverse of `compress`. @throws when the bytes are not gzipped JSON */
export function decompress(bytes: Uint8Array): unknown {
  return JSON.parse(gunzipSync(bytes).toString('utf8'));
}
