import type { Scale } from './scale.ts';
import { COLORS, line, text } from './svg.ts';

/** One of several graphs above each other that share their time axis. */
export interface Panel {
  /** What it shows, with its unit. */
  readonly heading: string;
  readonly top: number;
  readonly bottom: number;
  readonly scale: Scale;
}

/** Where panels begin and end, and the space of the labels left of them. */
export const LEFT = 76;
export const RIGHT = 740;
const HEADING_SPACE = 10;

/** The heading and a labelled line for each tick. */
export function panelGround(panel: Panel): readonly string[] {
  const { heading, top, scale } = panel;
  return [
    text(LEFT, top - HEADING_SPACE, heading, { size: 12, weight: 600 }),
    ...scale.ticks.flatMap(({ value, label }) => {
      const y = heightOf(panel, value);
      return [across(y, COLORS.grid), text(LEFT - 8, y + 4, label, { anchor: 'end', size: 12 })];
    }),
  ];
}

/** A line at a value that the others are read against; what it means stands above its end. */
export function panelMark(panel: Panel, value: number, label: string): readonly string[] {
  const y = heightOf(panel, value);
  return [across(y, COLORS.mark), text(RIGHT, y - 5, label, { anchor: 'end', size: 12 })];
}

export function heightOf({ top, bottom, scale }: Panel, value: number): number {
  return bottom - scale.share(value) * (bottom - top);
}

function across(y: number, color: string): string {
  const ends = [
    [LEFT, y],
    [RIGHT, y],
  ] as const;
  return line(ends, color, 1);
}
