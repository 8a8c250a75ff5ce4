import { count, milliseconds } from '../../lib/demo/report-numbers.ts';
import { HOP_MS } from '../cases.ts';
import type { BenchFacts, ParityFacts, SyncSeconds, TrafficFacts, TrafficPhase } from '../facts.ts';
import { barsOf } from './bars.ts';
import { ratioOf } from './comparisons.ts';

/** The same rows for the terminal and for the page. */
export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  /** Columns of words, from the left; the others hold numbers. */
  readonly leftColumns: number;
  readonly rows: readonly (readonly string[])[];
}

const PHASES = {
  idle: 'nothing',
  lockkeeper: 'lockkeeper',
  'single-update': 'one UPDATE',
} as const;

/** What was promised. */
export function barTable(facts: BenchFacts): ReportTable {
  return {
    title: 'Bars',
    head: ['what', 'bar', 'measured', ''],
    leftColumns: 1,
    rows: barsOf(facts).map(({ text, limit, measured, met }) => [
      text,
      limit,
      measured,
      met ? 'met' : 'missed',
    ]),
  };
}

/** How fast rows were moved, and what it left behind. */
export function caseTable(facts: BenchFacts): ReportTable {
  return {
    title: 'Without traffic',
    head: ['way', 'rows', 'rows/s', 'ratio', 'heap', 'HOT', 'WAL a row'],
    leftColumns: 1,
    rows: facts.cases.map((result) => [
      result.name,
      count(result.rows),
      count(result.rowsPerSecond),
      ratioOf(facts, result.id).toFixed(2),
      `${result.heapGrowth.toFixed(2)}x`,
      `${result.hotPercent.toFixed(0)}%`,
      `${count(result.walBytesPerRow)} B`,
    ]),
  };
}

/** What two versions of a column cost the application that writes them. */
export function syncTable({ sync }: BenchFacts): ReportTable {
  const row = (name: string, { none, lockkeeper, pgroll }: SyncSeconds) => [
    name,
    milliseconds(none * 1_000),
    `${(lockkeeper / none).toFixed(2)}x`,
    `${(pgroll / none).toFixed(2)}x`,
  ];
  return {
    title: `Sync triggers, statements over ${count(sync.rows)} rows`,
    head: ['statement', 'no trigger', 'lockkeeper', "pgroll's triggers"],
    leftColumns: 1,
    rows: [
      row('UPDATE of the column', sync.synced),
      row('UPDATE of another column', sync.other),
      row('INSERT', sync.insert),
    ],
  };
}

/** What the proof costs that nothing is lost. */
export function parityTable({ parity }: BenchFacts): ReportTable {
  const row = (name: string, { rows, seconds, backfillSeconds }: ParityFacts) => [
    name,
    count(rows),
    milliseconds(backfillSeconds * 1_000),
    milliseconds(seconds * 1_000),
    `${((100 * seconds) / backfillSeconds).toFixed(1)}%`,
  ];
  return {
    title: 'Comparing old and new',
    head: ['way', 'rows', 'backfill', 'parity', 'share'],
    leftColumns: 1,
    rows: [row('lockkeeper', parity.near), row(`lockkeeper, ${HOP_MS} ms a call`, parity.far)],
  };
}

/** What an application felt. */
export function trafficTable({ traffic, trafficOnNewServer }: BenchFacts): ReportTable {
  const backfills = trafficOnNewServer.phases.filter(({ name }) => name === 'lockkeeper');
  return {
    title: `Traffic of ${traffic.perSecond} transactions a second`,
    head: ['while it runs', 'transactions', 'failed', 'p50', 'p99', 'max', 'lock wait', 'rows/s'],
    leftColumns: 1,
    rows: [
      ...traffic.phases.map((phase) => phaseRow(phase, traffic)),
      ...backfills.map((phase) => phaseRow(phase, trafficOnNewServer)),
    ],
  };
}

function phaseRow(phase: TrafficPhase, { newWalFiles }: TrafficFacts): readonly string[] {
  const files =
    phase.name === 'lockkeeper' && newWalFiles > 0 ? `, ${newWalFiles} new WAL files` : '';
  return [
    `${PHASES[phase.name]}${files}`,
    count(phase.transactions),
    count(phase.failed),
    milliseconds(phase.latencyMs.p50),
    milliseconds(phase.latencyMs.p99),
    milliseconds(phase.latencyMs.max),
    milliseconds(phase.longestLockWaitMs),
    phase.rowsPerSecond === undefined ? '-' : count(phase.rowsPerSecond),
  ];
}

/** What is not the database. */
export function platformTable({ platform }: BenchFacts): ReportTable {
  return {
    title: 'Platform',
    head: ['what', 'size', 'time'],
    leftColumns: 1,
    rows: [
      ['embedded Step Functions: a Pass state', '', milliseconds(platform.passStateMs)],
      [
        'embedded Step Functions: a Task state, with its function',
        '',
        milliseconds(platform.taskStateMs),
      ],
      ['import of the construct library', '', milliseconds(platform.constructImportMs)],
      ['synthesis of the stack', '', milliseconds(platform.synthMs)],
      ...platform.handlers.map(({ name, bytes, importMs }) => [
        `handler ${name}: bundle, import`,
        `${count(bytes / 1_024)} KiB`,
        milliseconds(importMs),
      ]),
    ],
  };
}

/** Every table of the report, in its order. */
export function tablesOf(facts: BenchFacts): readonly ReportTable[] {
  return [
    barTable(facts),
    caseTable(facts),
    syncTable(facts),
    parityTable(facts),
    trafficTable(facts),
    platformTable(facts),
  ];
}
