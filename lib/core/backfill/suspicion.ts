/**
 * Closing in on a row that makes its batch fail. `keys` is how many keys after the position hold
 * at least one such row; 0 means that nothing is suspected.
 */
export interface Suspicion {
  readonly keys: number;
}

export const NO_SUSPICION: Suspicion = { keys: 0 };

/** Keys of the next batch while suspecting; undefined when there is no suspicion. */
export function suspectSize({ keys }: Suspicion): number | undefined {
  return keys === 0 ? undefined : Math.max(1, Math.floor(keys / 2));
}

/** @param keys the size of the batch that failed, in keys from the position on */
export function afterFailure(keys: number): Suspicion {
  return { keys: Math.max(1, keys) };
}

/**
 * What was just moved is innocent, so the culprit is in the rest: with N keys the row stands alone
 * after at most log2(N) + 1 batches.
 */
export function afterSuccess(suspicion: Suspicion, keys: number): Suspicion {
  return { keys: Math.max(0, suspicion.keys - keys) };
}
