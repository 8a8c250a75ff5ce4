import type { EpochMs } from '../ids.ts';

/** Who started an execution, as STS said when it was prepared; written once and never changed. */
export interface Starter {
  readonly by: string;
  readonly at: EpochMs;
  /** Whether the environment asked for four eyes when it was started. */
  readonly fourEyes: boolean;
}
