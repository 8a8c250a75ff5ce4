import { describeKey } from '../../core/backfill/key.ts';
import type { KeyRange } from '../../core/backfill/range.ts';
import { findKey } from '../../postgres/backfill/boundary.ts';
import type { Leg } from './leg.ts';
import type { OpenSlice } from './open-slice.ts';

/** The one row of a range, as PostgreSQL names keys: `(id)=(7)`. Its place is no name that lasts. */
export async function rowNamed(
  { step, context }: OpenSlice,
  { walk }: Leg,
  range: KeyRange,
): Promise<string> {
  const { rowKey } = walk;
  if (rowKey === undefined) return describeKey(step.key, range.through);
  const key = await findKey(context.database, walk, range);
  return key === undefined ? `at ${range.through.join()}` : describeKey(rowKey, key);
}
