import { COLORS, line, picture, rectangle, text } from './svg.ts';

export interface ChartBar {
  readonly label: string;
  readonly value: number;
  readonly ours: boolean;
}

const LABELS = 330;
const LENGTH = 360;
const ROW = 26;
const TOP = 46;

/** Horizontal bars from zero, with a line at the value that all of them are compared to. */
export function barChart(
  title: string,
  bars: readonly ChartBar[],
  { unit, reference }: { readonly unit: string; readonly reference: number },
): string {
  const largest = Math.max(reference, ...bars.map(({ value }) => value));
  const scale = (value: number): number => (value / largest) * LENGTH;
  const height = TOP + bars.length * ROW + 14;
  const at = LABELS + scale(reference);
  const top = (index: number): number => TOP + index * ROW;
  return picture(title, height, [
    ...bars.flatMap(({ label, value, ours }, index) => {
      return [
        text(LABELS - 10, top(index) + 16, label, { anchor: 'end' }),
        rectangle(LABELS, top(index) + 3, scale(value), ROW - 8, ours ? COLORS.ours : COLORS.other),
      ];
    }),
    line(
      [
        [at, TOP - 4],
        [at, height - 8],
      ],
      '#1f2328',
      1,
    ),
    // A bar that almost reaches the line has its value upon it.
    ...bars.map(({ value }, index) =>
      text(LABELS + scale(value) + 6, top(index) + 16, `${value.toFixed(2)}${unit}`, {
        size: 12,
        halo: true,
      }),
    ),
  ]);
}
