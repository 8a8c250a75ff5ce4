import { type Effect, lock, touched } from '../effect.ts';
import type { SqlName } from '../sql-name.ts';

/** Proving a foreign key joins both tables and share-locks the referenced one's rows. */
export function foreignKeyScan(table: SqlName, referenced: SqlName): Effect {
  return {
    locks: [lock(referenced, 'RowShareLock', 'its rows are looked up')],
    scans: [
      touched(table, 'every row is looked up in the referenced table'),
      // By its index, or from end to end: that is the planner's choice.
      touched(referenced, 'every row of the referencing table is looked up in it', 'unknown'),
    ],
  };
}
