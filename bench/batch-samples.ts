import type { BatchFigures } from '../lib/ports/control-store.ts';

/** A batch of a backfill that was committed. */
export interface BatchSample {
  /** When it was reported, in seconds since the run began. */
  readonly at: number;
  readonly rows: number;
  /** Time in the server. */
  readonly ms: number;
}

/** Notes each batch once, out of reports that repeat the last few. */
export interface BatchSampler {
  readonly samples: readonly BatchSample[];
  look(batches: readonly BatchFigures[] | undefined): void;
}

/** @param now seconds since the run began */
export function batchSampler(now: () => number): BatchSampler {
  const samples: BatchSample[] = [];
  // Two batches may have the same figures; a report repeats the very object of a batch.
  const known = new WeakSet<BatchFigures>();
  return {
    samples,
    look: (batches = []) => {
      const at = now();
      for (const batch of batches) {
        if (known.has(batch)) continue;
        known.add(batch);
        samples.push({ at, rows: batch.rows, ms: batch.ms });
      }
    },
  };
}
