import type { KeyKind } from '../../core/backfill/key.ts';
import { type Stride, strideExpression } from '../../core/backfill/range.ts';
import { quoteIdentifier, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { Session } from '../../ports/database.ts';
import type { Walk } from './boundary.ts';

/** Enough to see a pattern: with 8 strides an even key has 128 in each. */
const SAMPLE_KEYS = 1_024;
/** A stride with twice its share would make a batch twice as long as planned. */
const TOLERANCE = 2;

/**
 * How to deal the rows out. The low bits of an integer key are the better choice (each page gets the
 * same share at each visit), unless the keys count in steps, as with sequences sharded by 8 or 16.
 */
export async function strideBy(
  session: Session,
  walk: Walk,
  keyKind: KeyKind,
  modulus: number,
): Promise<Stride['by']> {
  const [column] = walk.key;
  if (keyKind !== 'integer' || column === undefined) return 'hash';
  const stride = strideExpression(walk.key, 'walked', { modulus, by: 'value' });
  const [row] = await session.query(
    `select coalesce(max(size), 0)::int4 as largest, coalesce(sum(size), 0)::int4 as total from (
       select count(*) as size from (
         select ${stride} as stride from ${quoteQualified(walk.table)} as "walked"
         order by "walked".${quoteIdentifier(column.name)} limit ${SAMPLE_KEYS}
       ) as sample group by stride
     ) as strides`,
  );
  const share = Number(row?.['total']) / modulus;
  // A handful of keys is no pattern, and whole in any batch.
  const even = Number(row?.['largest']) <= Math.max(modulus, TOLERANCE * share);
  return even ? 'value' : 'hash';
}
