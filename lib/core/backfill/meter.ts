/** How fast a backfill goes, as an average that forgets. */
export interface Meter {
  /** Keys per second over wall time, pauses and waits included; undefined before the first sample. */
  readonly rate: number | undefined;
  /** Average of the squared distance from `rate`. */
  readonly variance: number;
}

export const NO_RATE: Meter = { rate: undefined, variance: 0 };

/** What happened half a minute ago counts 1/e: slow enough to read, fast enough to be true. */
const MEMORY_MS = 30_000;

/** No clock of ours measures less; a rate over less would be a number without meaning. */
const SHORTEST_MS = 0.001;

/** @param ms wall time since the last sample; a sample of no time is ignored */
export function measure(meter: Meter, keys: number, ms: number): Meter {
  if (!(ms >= SHORTEST_MS) || keys < 0) return meter;
  const rate = (keys / ms) * 1_000;
  if (meter.rate === undefined) return { rate, variance: 0 };
  const weight = 1 - Math.exp(-ms / MEMORY_MS);
  const distance = rate - meter.rate;
  return {
    rate: meter.rate + weight * distance,
    variance: (1 - weight) * (meter.variance + weight * distance * distance),
  };
}

/** Time left, with the bounds that one standard deviation of the rate gives. */
export interface Eta {
  readonly ms: number;
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** A year: what a workflow may run at most, and the end of what an ETA can mean. */
const LONGEST_MS = 365 * 24 * 3_600_000;

/** A rate that wanders by more than itself gives no end at all; ten times the ETA says enough. */
const WIDEST = 10;

/** Undefined while the rate or the total is not known. All values are finite and not negative. */
export function eta(meter: Meter, keysLeft: number | undefined): Eta | undefined {
  if (meter.rate === undefined || meter.rate <= 0 || keysLeft === undefined) return undefined;
  const left = Math.max(0, keysLeft);
  const deviation = Math.sqrt(meter.variance);
  const at = (rate: number) => {
    if (left === 0) return 0;
    return rate > 0 ? Math.min(LONGEST_MS, (left / rate) * 1_000) : LONGEST_MS;
  };
  return {
    ms: at(meter.rate),
    earliestMs: at(meter.rate + deviation),
    latestMs: at(Math.max(meter.rate - deviation, meter.rate / WIDEST)),
  };
}

/** When the last of several parts is done; undefined while that of one of them is not known. */
export function lastOf(etas: readonly (Eta | undefined)[]): Eta | undefined {
  return etas.reduce((last, next) => {
    if (last === undefined || next === undefined) return undefined;
    return {
      ms: Math.max(last.ms, next.ms),
      earliestMs: Math.max(last.earliestMs, next.earliestMs),
      latestMs: Math.max(last.latestMs, next.latestMs),
    };
  }, NOW);
}

const NOW: Eta | undefined = { ms: 0, earliestMs: 0, latestMs: 0 };
