import { AwsError } from '../http/aws-error.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './limits.ts';

/** What a list call says about its page; a `maxResults` of 0 means the default. */
export interface PageRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page; `nextToken` is absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * Cuts a page out of `items`. The token names the last item that was shown, so that items that came in between, or a
 * list that is newest first, neither repeat nor skip one.
 *
 * @param keyOf a key that is unique within the list
 * @param scope what the list is of; a token of another list is refused with `InvalidToken`
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  scope: string,
  request: PageRequest,
): Page<T> {
  const size = Math.min(request.maxResults || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const start =
    request.nextToken === undefined ? 0 : startAfter(items, keyOf, scope, request.nextToken);
  const shown = items.slice(start, start + size);
  const last = shown.at(-1);
  if (last === undefined || start + size >= items.length) return { items: shown };
  const nextToken = Buffer.from(JSON.stringify([scope, keyOf(last)])).toString('base64');
  return { items: shown, nextToken };
}

function startAfter<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  scope: string,
  token: string,
): number {
  const [tokenScope, key] = decode(token);
  const index = items.findIndex((item) => keyOf(item) === key);
  if (tokenScope === scope && index >= 0) return index + 1;
  throw new AwsError('InvalidToken', 400, "Invalid Token: 'Invalid token'");
}

function decode(token: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
