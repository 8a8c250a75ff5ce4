import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../http/aws-error.ts';

/** The secret of every access key of the embedded AWS: it has users, and nothing to keep from them. */
const EMBEDDED_SECRET = 'embedded';

/** STS takes a signature for this long, before and after (the error text says "15 min."). */
const VALID_MS = 15 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/,\s]+\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

export interface SignedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * Signature version 4, as IAM describes its checks: what was signed is what came, and not long ago.
 * @param now in milliseconds
 * @throws AwsError SignatureDoesNotMatch, IncompleteSignature
 */
export function verifySignature({ method, headers, body }: SignedRequest, now: number): void {
  const header = (name: string) => [headers[name] ?? ''].flat().join(',').trim();
  const match = AUTHORIZATION.exec(header('authorization'));
  const [, day = '', region = '', service = '', list = '', signature = ''] = match ?? [];
  if (match === null) {
    throw new AwsError('IncompleteSignature', 400, 'the Authorization header is not complete');
  }
  const date = header('x-amz-date');
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (!date.startsWith(day) || !(Math.abs(now - signedAt) <= VALID_MS)) {
    throw mismatch(`Signature expired or not yet current: ${date} (15 min.)`);
  }
  const names = list.split(';');
  const missing = names.filter((name) => headers[name] === undefined);
  if (missing.length > 0) throw mismatch(`signed headers are missing: ${missing.join(', ')}`);

  const canonical = [
    method,
    '/',
    '',
    ...names.map((name) => `${name}:${header(name).replaceAll(/\s+/g, ' ')}`),
    '',
    list,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [region, service, 'aws4_request'].reduce<Buffer>(
    hmac,
    hmac(`AWS4${EMBEDDED_SECRET}`, day),
  );
  const expected = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n'));
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided.',
    );
  }
}

function mismatch(message: string): AwsError {
  return new AwsError('SignatureDoesNotMatch', 403, message);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
