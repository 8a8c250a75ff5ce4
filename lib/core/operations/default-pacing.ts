import { BatchFormat } from '../migration/format/backfill-format.ts';

/** The pace of the backfills that operations make: what a backfill has that says nothing of it. */
export const DEFAULT_PACING = BatchFormat.parse({});
