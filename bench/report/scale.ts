/** From the bottom of a panel to its top. */
export interface Scale {
  /** 0 at the bottom, 1 at the top. */
  share(value: number): number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** A panel is low: more lines would be a grid. */
const MOST_STEPS = 4;

/** From zero to the first round number that is not below `largest`. */
export function linearScale(largest: number, label: (value: number) => string): Scale {
  const step = roundStep(Math.max(1, largest) / MOST_STEPS);
  const steps = Math.max(1, Math.ceil(largest / step));
  return {
    share: (value) => value / (steps * step),
    ticks: multiples(step, 0, steps).map((value) => ({ value, label: label(value) })),
  };
}

/** Whole powers of ten, for times in milliseconds that differ by thousands. */
export function decadeScale(times: readonly number[]): Scale {
  const exponents = times.map((ms) => Math.log10(Math.max(ms, 0.1)));
  const low = Math.floor(Math.min(...exponents));
  const decades = Math.max(1, Math.ceil(Math.max(...exponents)) - low);
  return {
    share: (ms) => (Math.log10(Math.max(ms, 10 ** low)) - low) / decades,
    ticks: multiples(1, low, low + decades).map((exponent) => ({
      value: 10 ** exponent,
      label: exponent >= 3 ? `${10 ** (exponent - 3)} s` : `${10 ** exponent} ms`,
    })),
  };
}

/** Round numbers between two, at most `most` steps. */
export function roundNumbers(from: number, to: number, most: number): readonly number[] {
  const step = roundStep((to - from) / most);
  return multiples(step, Math.ceil(from / step), Math.floor(to / step));
}

function multiples(step: number, first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** The smallest of 1, 2, 5, 10, 20, ... that is not below `least`; whole, as it counts seconds, rows and milliseconds. */
function roundStep(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}
