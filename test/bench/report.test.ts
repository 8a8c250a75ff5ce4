import { describe, expect, it } from '@jest/globals';
import { averaged } from '../../bench/average.ts';
import { casesOf, type Way } from '../../bench/cases.ts';
import type { BenchFacts, TrafficFacts, TrafficPhase } from '../../bench/facts.ts';
import { parseOptions } from '../../bench/options.ts';
import { problemsOf } from '../../bench/problems.ts';
import { barsOf } from '../../bench/report/bars.ts';
import { chartsOf } from '../../bench/report/charts.ts';
import { pageOf } from '../../bench/report/page.ts';
import { terminalReport } from '../../bench/report/terminal.ts';

const OPTIONS = parseOptions([]);

describe('the report', () => {
  it('says of each bar whether it was met', () => {
    // GIVEN a run in which everything but the hop was good
    const facts = factsWith({ 'bigint/hop': 9_999 });

    // WHEN
    const missed = barsOf(facts).filter(({ met }) => !met);

    // THEN
    expect(missed.map(({ text }) => text)).toEqual(['rate to one UPDATE, 10 ms a call']);
    expect(pageOf(facts)).toContain(
      '**15 of 16 bars met.** Missed: rate to one UPDATE, 10 ms a call (1.00x',
    );
  });

  it('shows every case on the terminal, on the page and in the charts', () => {
    const facts = factsWith({});
    const charts = chartsOf(facts)
      .map(({ svg }) => svg)
      .join('');
    for (const { name, id } of facts.cases) {
      expect(terminalReport(facts)).toContain(name);
      expect(pageOf(facts)).toContain(`| ${name} |`);
      if (!id.startsWith('unanalyzed')) expect(charts).toContain(`>${name}<`);
    }
  });

  it('links to the charts that are written', () => {
    const facts = factsWith({});
    for (const { file } of chartsOf(facts)) expect(pageOf(facts)).toContain(`(benchmarks/${file})`);
  });

  it('warns of a machine that had other work, and only then', () => {
    const facts = factsWith({});
    expect(pageOf(facts)).not.toContain('no verdict');
    expect(pageOf({ ...facts, run: { ...facts.run, loadBefore: 8 } })).toContain(
      'load 8.0 on 2 cores',
    );
  });

  it('shows rate, batches and latency on one time axis', () => {
    // WHEN
    const svg = chartsOf(factsWith({})).find(({ file }) => file === 'traffic.svg')?.svg ?? '';

    // THEN
    for (const words of [
      'rows moved by the backfill, rows/s',
      'longest batch of the backfill, ms',
      'target 100 ms',
      'p99 latency of the traffic, 300 transactions a second',
      'seconds since the traffic began',
    ])
      expect(svg).toContain(`>${words}<`);
    // The rate and the batches of the backfill, and three phases of latency.
    expect(svg.match(/stroke-width="2"/g)).toHaveLength(5);
  });

  it('holds only the server that keeps its WAL files to the bar, and shows the other one', () => {
    const facts = factsWith({});
    expect(barsOf(facts)).toContainEqual(
      expect.objectContaining({ text: 'p99 of traffic to idle', measured: '2.00x' }),
    );
    expect(pageOf(facts)).toMatch(/^\| lockkeeper \| 300 \| 0 \| 1 ms \| 10 ms /m);
    expect(pageOf(facts)).toMatch(
      /^\| lockkeeper, 26 new WAL files \| 300 \| 0 \| 1 ms \| 80 ms /m,
    );
  });

  it.each([
    { batchesToIsolate: 25, met: true },
    { batchesToIsolate: 26, met: false },
  ])('holds $batchesToIsolate batches to the bar of a bad row', ({ batchesToIsolate, met }) => {
    const facts = factsWith({});
    const poison = { ...facts.poison, batchesToIsolate };
    expect(barsOf({ ...facts, poison })).toContainEqual({
      text: 'batches to isolate a bad row',
      limit: 'at most 25',
      measured: String(batchesToIsolate),
      met,
    });
    expect(pageOf({ ...facts, poison })).toContain(`there were ${batchesToIsolate}, both counted`);
  });

  it('draws no number that is none', () => {
    for (const { svg } of chartsOf(factsWith({})))
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('problemsOf', () => {
  it('has none in a run in which only the bad row was left behind', () => {
    expect(problemsOf(factsWith({}), { smoke: true })).toEqual([]);
  });

  it.each([
    { rowsMoved: 98, rowsSetAside: 1 },
    { rowsMoved: 100, rowsSetAside: 0 },
  ])('names $rowsMoved rows moved and $rowsSetAside set aside of 100', (counts) => {
    const facts = factsWith({});
    const poison = { ...facts.poison, ...counts };
    expect(problemsOf({ ...facts, poison }, { smoke: false })).toEqual([
      `one bad row of 100: ${counts.rowsMoved} are moved, ${counts.rowsSetAside} are set aside`,
    ]);
  });
});

/** A run in which Lockkeeper is 6 times as fast as everything else, apart from the given rates. */
function factsWith(rates: Readonly<Record<string, number>>): BenchFacts {
  const traffic: TrafficFacts = {
    perSecond: 300,
    targetBatchMs: 100,
    phases: [phase('idle', 0, 5), phase('lockkeeper', 1, 10), phase('single-update', 2, 9_000)],
    backfill: [{ at: 1, rowsPerSecond: 90_000, longestBatchMs: 104 }],
    timeline: [
      { phase: 'idle', at: 0, p99Ms: 5 },
      { phase: 'lockkeeper', at: 1, p99Ms: 10 },
      { phase: 'single-update', at: 2, p99Ms: 9_000 },
    ],
    newWalFiles: 0,
  };
  const rateOf = (id: string, way: Way) =>
    rates[id] ?? (way.kind === 'lockkeeper' ? 60_000 : 10_000);
  return {
    run: {
      date: '2026-01-31',
      machine: 'a machine',
      cores: 2,
      memoryGb: 8,
      node: '24.0.0',
      postgres: '18.0',
      seed: 1,
      rows: OPTIONS.rows,
      minutes: 10,
      loadBefore: 0,
    },
    cases: averaged(
      casesOf(true).map(({ id, name, way }) => ({
        id,
        name,
        rows: 100,
        rounds: 1,
        seconds: 100 / rateOf(id, way),
        rowsPerSecond: rateOf(id, way),
        heapGrowth: 1.4,
        hotPercent: 66,
        walBytesPerRow: 500,
        strategies: [],
        problem: undefined,
      })),
    ),
    sync: {
      rows: 100,
      synced: { none: 1, lockkeeper: 2, pgroll: 4 },
      other: { none: 1, lockkeeper: 1, pgroll: 4 },
      insert: { none: 1, lockkeeper: 2, pgroll: 4 },
    },
    parity: {
      near: { rows: 100, backfillSeconds: 10, seconds: 1 },
      far: { rows: 100, backfillSeconds: 20, seconds: 2 },
    },
    poison: { rows: 100, batchesToIsolate: 20, rowsMoved: 99, rowsSetAside: 1 },
    traffic,
    trafficOnNewServer: {
      ...traffic,
      phases: [phase('idle', 0, 5), phase('lockkeeper', 1, 80)],
      newWalFiles: 26,
    },
    platform: {
      handlers: [{ name: 'prepare', bytes: 2 ** 20, importMs: 100 }],
      passStateMs: 0.3,
      taskStateMs: 0.6,
      constructImportMs: 500,
      synthMs: 1_000,
    },
  };
}

function phase(name: TrafficPhase['name'], startedAt: number, p99: number): TrafficPhase {
  return {
    name,
    startedAt,
    seconds: 1,
    transactions: 300,
    failed: 0,
    latencyMs: { p50: 1, p99, max: p99 * 2 },
    longestLockWaitMs: 12,
    rowsPerSecond: undefined,
  };
}
