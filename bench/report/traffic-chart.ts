import { count } from '../../lib/demo/report-numbers.ts';
import type { TrafficFacts, TrafficPhase, TrafficPhaseName } from '../facts.ts';
import { heightOf, LEFT, type Panel, panelGround, panelMark, RIGHT } from './panel.ts';
import { decadeScale, linearScale, roundNumbers } from './scale.ts';
import { COLORS, line, picture, text } from './svg.ts';

const PHASES: Readonly<
  Record<TrafficPhaseName, { readonly label: string; readonly color: string }>
> = {
  idle: { label: 'nothing runs', color: COLORS.other },
  lockkeeper: { label: 'lockkeeper', color: COLORS.ours },
  'single-update': { label: 'one UPDATE', color: COLORS.bad },
};

const PHASE_LABELS = 54;
const BOTTOM = 500;
const MOST_TIMES = 10;
const DASH = 8;

type Point = readonly [x: number, y: number];

/** Where a second is on the axis. */
type Across = (at: number) => number;

/** What the backfill moved, how long its batches took and what the traffic felt, on one time axis. */
export function trafficChart(facts: TrafficFacts): string {
  const { phases, timeline } = facts;
  const start = Math.min(...phases.map(({ startedAt }) => startedAt));
  const end = Math.max(...timeline.map(({ at }) => at)) + 1;
  const x: Across = (at) => LEFT + ((at - start) / (end - start)) * (RIGHT - LEFT);
  const panels = [ratePanel(facts), batchPanel(facts), latencyPanel(facts)] as const;
  const [rate, batch, latency] = panels;
  return picture('A backfill and its traffic, second by second', BOTTOM + 48, [
    ...panels.flatMap(panelGround),
    ...phases.flatMap((phase) => phaseStart(phase, x, panels)),
    ...panelMark(batch, facts.targetBatchMs, `target ${facts.targetBatchMs} ms`),
    ...backfillLines(facts, x, rate, batch),
    ...latencyLines(facts, x, latency),
    ...roundNumbers(start, end, MOST_TIMES).map((at) =>
      text(x(at), BOTTOM + 18, String(at), { anchor: 'middle', size: 12 }),
    ),
    text((LEFT + RIGHT) / 2, BOTTOM + 38, 'seconds since the traffic began', {
      anchor: 'middle',
      size: 12,
    }),
  ]);
}

function ratePanel({ backfill }: TrafficFacts): Panel {
  const largest = Math.max(0, ...backfill.map(({ rowsPerSecond }) => rowsPerSecond));
  const scale = linearScale(largest, count);
  return { heading: 'rows moved by the backfill, rows/s', top: 94, bottom: 184, scale };
}

/** Reaches above the target, so that there is room for what it is called. */
function batchPanel({ backfill, targetBatchMs }: TrafficFacts): Panel {
  const largest = Math.max(
    1.5 * targetBatchMs,
    ...backfill.map(({ longestBatchMs = 0 }) => longestBatchMs),
  );
  const scale = linearScale(largest, (ms) => `${count(ms)} ms`);
  return { heading: 'longest batch of the backfill, ms', top: 224, bottom: 304, scale };
}

/** Logarithmic: one UPDATE makes transactions wait a thousand times as long. */
function latencyPanel({ timeline, perSecond }: TrafficFacts): Panel {
  const heading = `p99 latency of the traffic, ${perSecond} transactions a second`;
  const scale = decadeScale(timeline.map(({ p99Ms }) => p99Ms));
  return { heading, top: 344, bottom: BOTTOM, scale };
}

/** The name of a phase, and where it begins in each panel. */
function phaseStart(
  { name, startedAt }: TrafficPhase,
  x: Across,
  panels: readonly Panel[],
): readonly string[] {
  const { label, color } = PHASES[name];
  const at = x(startedAt);
  return [
    text(at, PHASE_LABELS, label, { color, weight: 600 }),
    ...panels.map(({ top, bottom }) =>
      line(
        [
          [at, top],
          [at, bottom],
        ],
        COLORS.grid,
        1,
      ),
    ),
  ];
}

/** Only in the phase in which it ran. */
function backfillLines(
  { backfill, phases }: TrafficFacts,
  x: Across,
  rate: Panel,
  batch: Panel,
): readonly string[] {
  return phases
    .filter(({ name }) => name === 'lockkeeper')
    .flatMap((phase) => {
      const rates = backfill.map(
        ({ at, rowsPerSecond }) => [x(middle(at, phase)), heightOf(rate, rowsPerSecond)] as const,
      );
      const longest = backfill.flatMap(({ at, longestBatchMs: ms }) =>
        ms === undefined ? [] : [[x(middle(at, phase)), heightOf(batch, ms)] as const],
      );
      return [curve(rates, COLORS.ours), curve(longest, COLORS.ours)];
    });
}

function latencyLines(
  { phases, timeline }: TrafficFacts,
  x: Across,
  panel: Panel,
): readonly string[] {
  return phases.map((phase) => {
    const points = timeline
      .filter(({ phase: name }) => name === phase.name)
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, p99Ms }) => [x(middle(at, phase)), heightOf(panel, p99Ms)] as const);
    return curve(points, PHASES[phase.name].color);
  });
}

/** A single second is a dash: a line of one point is not seen. */
function curve(points: readonly Point[], color: string): string {
  const [only] = points;
  const isDash = only !== undefined && points.length === 1;
  const [x, y] = only ?? [0, 0];
  return line(
    isDash
      ? [
          [x - DASH / 2, y],
          [x + DASH / 2, y],
        ]
      : points,
    color,
    2,
  );
}

/** Of a second, or of what a phase has of it where one ends and the next begins. */
function middle(at: number, { startedAt, seconds }: TrafficPhase): number {
  return (Math.max(at, startedAt) + Math.min(at + 1, startedAt + seconds)) / 2;
}
