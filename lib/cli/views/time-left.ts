import type { StepProgress } from '../../ports/control-store.ts';

/** Each up to where the next one says enough: 119 s, 2 min. */
const UNITS = [
  { unit: 's', ms: 1_000, below: 120 },
  { unit: 'min', ms: 60_000, below: 120 },
  { unit: 'h', ms: 3_600_000, below: 48 },
  { unit: 'd', ms: 86_400_000, below: Number.POSITIVE_INFINITY },
] as const;

interface Rounded {
  readonly count: number;
  readonly unit: string;
}

/**
 * `about 3 min left (2 to 5 min)`, or `about 3 min left` where both bounds sound the same or were never
 * written; undefined where nothing is known.
 */
export function timeLeft({ etaMs, etaEarliestMs, etaLatestMs }: StepProgress): string | undefined {
  if (etaMs === undefined) return undefined;
  const left = `about ${inWords(rounded(etaMs))} left`;
  if (etaEarliestMs === undefined || etaLatestMs === undefined) return left;
  const [from, to] = [rounded(etaEarliestMs), rounded(etaLatestMs)];
  if (inWords(from) === inWords(to)) return left;
  const start = from.unit === to.unit ? from.count : inWords(from);
  return `${left} (${start} to ${inWords(to)})`;
}

/** In one unit: two would pretend to know. */
function rounded(time: number): Rounded {
  const counts = UNITS.map(({ unit, ms, below }) => ({
    unit,
    below,
    count: Math.round(time / ms),
  }));
  const { count, unit } = counts.find((each) => each.count < each.below) ?? { count: 0, unit: 'd' };
  return { count: Math.max(1, count), unit };
}

function inWords({ count, unit }: Rounded): string {
  return `${count} ${unit}`;
}
