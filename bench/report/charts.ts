import type { BenchFacts } from '../facts.ts';
import { barChart } from './bar-chart.ts';
import { ratioOf } from './comparisons.ts';
import { trafficChart } from './traffic-chart.ts';

export interface Chart {
  /** Name of its file. */
  readonly file: string;
  /** What it shows, for those who do not see it. */
  readonly alt: string;
  readonly svg: string;
}

/** The pictures of the page. */
export function chartsOf(facts: BenchFacts): readonly Chart[] {
  const compared = facts.cases.filter(({ id }) => !id.startsWith('unanalyzed/'));
  const bar = (value: (id: string) => number) =>
    compared.map(({ id, name }) => ({
      label: name,
      value: value(id),
      ours: name.includes('lockkeeper'),
    }));
  const growth = new Map(facts.cases.map(({ id, heapGrowth }) => [id, heapGrowth]));
  return [
    {
      file: 'rates.svg',
      alt: 'rows a second of each way, as a ratio to one UPDATE of the same table',
      svg: barChart(
        'Rows a second, one UPDATE of the same table = 1',
        bar((id) => ratioOf(facts, id)),
        { unit: 'x', reference: 1 },
      ),
    },
    {
      file: 'heap.svg',
      alt: 'size of the heap after each way, as a ratio to the size before',
      svg: barChart(
        'Size of the heap afterwards, before = 1',
        bar((id) => growth.get(id) ?? 1),
        { unit: 'x', reference: 1 },
      ),
    },
    {
      file: 'traffic.svg',
      alt: 'rows a second and longest batch of the backfill in each second, and p99 latency of the traffic while nothing, lockkeeper and one UPDATE runs',
      svg: trafficChart(facts.traffic),
    },
  ];
}
