import type { TrafficFacts, TrafficPhaseName, TrafficSecond } from '../facts.ts';
import { COLORS, line, picture, text } from './svg.ts';

const LEFT = 70;
const RIGHT = 740;
const TOP = 60;
const BOTTOM = 300;
const PHASES: Readonly<
  Record<TrafficPhaseName, { readonly label: string; readonly color: string }>
> = {
  idle: { label: 'nothing runs', color: COLORS.other },
  lockkeeper: { label: 'lockkeeper', color: COLORS.ours },
  'single-update': { label: 'one UPDATE', color: COLORS.bad },
};

/** The slowest hundredth of the transactions of each second; logarithmic, as waits differ by thousands. */
export function latencyChart({ timeline, perSecond }: TrafficFacts): string {
  const decades = decadesOf(timeline);
  const start = Math.min(...timeline.map(({ at }) => at));
  const end = Math.max(...timeline.map(({ at }) => at)) + 1;
  const x = (at: number): number => LEFT + ((at - start) / (end - start)) * (RIGHT - LEFT);
  const y = (ms: number): number => {
    const share = (Math.log10(Math.max(ms, 10 ** decades.low)) - decades.low) / decades.count;
    return BOTTOM - share * (BOTTOM - TOP);
  };
  const exponents = Array.from({ length: decades.count + 1 }, (_, index) => decades.low + index);
  return picture(`p99 of each second, ${perSecond} transactions a second`, BOTTOM + 40, [
    ...exponents.flatMap((exponent) => {
      const level = y(10 ** exponent);
      return [
        line(
          [
            [LEFT, level],
            [RIGHT, level],
          ],
          '#d9dce1',
          1,
        ),
        text(LEFT - 8, level + 4, labelOf(exponent), { anchor: 'end', size: 12 }),
      ];
    }),
    ...phasesOf(timeline).flatMap(({ name, seconds }) => {
      const { label, color } = PHASES[name];
      const first = seconds[0]?.at ?? start;
      const points = seconds.map(({ at, p99Ms }) => [x(at + 0.5), y(p99Ms)] as const);
      return [line(points, color, 2), text(x(first), BOTTOM + 24, label, { color, weight: 600 })];
    }),
  ]);
}

function decadesOf(timeline: readonly TrafficSecond[]): {
  readonly low: number;
  readonly count: number;
} {
  const exponents = timeline.map(({ p99Ms }) => Math.log10(Math.max(p99Ms, 0.1)));
  const low = Math.floor(Math.min(...exponents));
  return { low, count: Math.max(1, Math.ceil(Math.max(...exponents)) - low) };
}

function phasesOf(
  timeline: readonly TrafficSecond[],
): readonly { readonly name: TrafficPhaseName; readonly seconds: readonly TrafficSecond[] }[] {
  const names = [...new Set(timeline.map(({ phase }) => phase))];
  return names.map((name) => ({
    name,
    seconds: timeline.filter(({ phase }) => phase === name).sort((a, b) => a.at - b.at),
  }));
}

function labelOf(exponent: number): string {
  return exponent >= 3 ? `${10 ** (exponent - 3)} s` : `${10 ** exponent} ms`;
}
