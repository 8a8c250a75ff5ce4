import { z } from 'zod';
import { LockkeeperError } from '../../core/errors.ts';
import type { StoredItem } from './control-table.ts';

/** The format every item is written in. A reader that meets a newer one must not guess. */
export const ITEM_FORMAT = 1;

/** What is written: the content and its format. */
export function writeItem(content: object): StoredItem {
  return { v: ITEM_FORMAT, ...content };
}

/**
 * Checks an item at the edge, so that nothing inside has to.
 * @throws LockkeeperError UnknownVersion when the format is; LedgerCorrupt when the content is not as written
 */
export function readItem<T>(schema: z.ZodType<T>, item: StoredItem): T {
  const where = `control item ${String(item['pk'])} ${String(item['sk'])}`;
  if (item['v'] !== ITEM_FORMAT) {
    throw new LockkeeperError(
      'UnknownVersion',
      `${where} has format ${JSON.stringify(item['v'])}, this version reads ${ITEM_FORMAT}`,
      { fix: 'use the version of lockkeeper that wrote it: nothing was changed by this one' },
    );
  }
  const result = schema.safeParse(item);
  if (result.success) return result.data;
  throw new LockkeeperError(
    'LedgerCorrupt',
    `${where} is not readable: ${issuesOf(result.error)}`,
    {
      cause: result.error,
      fix: 'restore the item from the table’s point-in-time recovery',
    },
  );
}

/** A string or number that was checked when it was made. */
export const branded = <T extends string | number>(kind: 'string' | 'number'): z.ZodType<T> =>
  z.custom<T>((value) => typeof value === kind, `a ${kind} is expected`);

/** A property that is always there in the domain and left out of the item while it is undefined. */
export const maybe = <S extends z.ZodType>(schema: S) =>
  schema.optional().transform((value) => value);

export const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

function issuesOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}
