/**
 * Where a running command tells what it does meanwhile. Results go to standard output, everything
 * else to standard error, so that `lockkeeper ... --json | jq` always works.
 */
export interface Output {
  /** One line about what is going on. */
  progress(line: string): void;
  /** Replaces what the last `live` showed, on a terminal; ignored elsewhere. */
  live(text: string): void;
}

export const silentOutput: Output = { progress: () => undefined, live: () => undefined };
