import { count, milliseconds } from '../../lib/demo/report-numbers.ts';
import { SERVER_SETTINGS } from '../bench-server.ts';
import type { BenchFacts } from '../facts.ts';
import { barsOf } from './bars.ts';
import { chartsOf } from './charts.ts';
import { ratioOf } from './comparisons.ts';
import { type ReportTable, tablesOf } from './tables.ts';

/** The page of a run, in Markdown; it links to the charts and the JSON in `benchmarks/`. */
export function pageOf(facts: BenchFacts): string {
  const [bars, cases, sync, parity, traffic, platform] = tablesOf(facts);
  const [rates, heap, trafficChart] = chartsOf(facts).map(
    ({ file, alt }) => `![${alt}](benchmarks/${file})`,
  );
  return `${[
    '# Benchmarks',
    'This page is written by `npm run bench`; do not edit it. The same facts as JSON: [results.json](benchmarks/results.json).',
    conditions(facts),
    noise(facts),
    verdict(facts),
    bars === undefined ? '' : markdownTable(bars),
    '## Moving rows, without traffic',
    CASES_TEXT,
    ...[rates, cases === undefined ? '' : markdownTable(cases), heap],
    'What the planner chose, in its own words at the end of each run:',
    strategies(facts),
    '## Two versions of a column',
    SYNC_TEXT,
    sync === undefined ? '' : markdownTable(sync),
    '## Comparing old and new',
    PARITY_TEXT,
    parity === undefined ? '' : markdownTable(parity),
    '## A row that cannot be moved',
    poisonText(facts),
    '## With traffic on the same table',
    TRAFFIC_TEXT,
    ...[traffic === undefined ? '' : markdownTable(traffic), trafficChart],
    '## Handlers, workflow, synthesis',
    platform === undefined ? '' : markdownTable(platform),
    '## How to run it again',
    HOW_TEXT,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n')}\n`;
}

function conditions({ run }: BenchFacts): string {
  const settings = Object.entries(SERVER_SETTINGS).map(([name, value]) => `${name} ${value}`);
  return `${run.date}: ${run.machine}, ${run.cores} cores, ${run.memoryGb} GB; Node ${run.node}; PostgreSQL ${run.postgres}, embedded, default durability, ${settings.join(', ')}; ${count(run.rows)} rows, seed ${run.seed}; ${milliseconds(run.minutes * 60_000)}. What a bar compares ran twice, in the order A B C C B A, the rest once, one after the other: absolute rates differ from machine to machine and wander by 20-30% on one, so read the ratios.`;
}

/** A load that leaves a core's worth of work to others makes rates and latencies a matter of chance. */
function noise(facts: BenchFacts): string {
  const { loadBefore, cores } = facts.run;
  if (loadBefore <= cores / 4) return '';
  const contradiction =
    ratioOf(facts, 'bigint/hop') > ratioOf(facts, 'bigint/lockkeeper')
      ? ' It shows in the rates: the same work came out faster with 10 ms added to each call than without, which cannot be.'
      : '';
  return `> **Other work kept the machine busy during this run: load ${loadBefore.toFixed(1)} on ${cores} cores before it began.** Rates and latencies below, met bars as well as missed ones, are therefore no verdict.${contradiction} Heap growth, HOT share, WAL, failed transactions and the count of moves do not depend on time and hold. Repeat it on an idle machine.`;
}

function verdict(facts: BenchFacts): string {
  const bars = barsOf(facts);
  const missed = bars.filter(({ met }) => !met);
  const words = missed.map(({ text, limit, measured }) => `${text} (${measured}, bar: ${limit})`);
  const list = missed.length === 0 ? '' : ` Missed: ${words.join('; ')}.`;
  return `**${bars.length - missed.length} of ${bars.length} bars met.**${list}`;
}

const CASES_TEXT = `The table has about 170 bytes a row and two indexes beside the key; \`email_lower = lower(email)\` is filled. The
ratio is to one UPDATE of the same table. The table that was never analyzed is the one of pgroll's own benchmark, a serial
key and a name that is missing everywhere, just loaded; its ratio is to pgroll's SQL. Lockkeeper runs as its handlers run it: the engine's
slices with their ledger, fence and default pace (batches of 100 ms), through the direct connection of
\`lib/local/pg-database.ts\`, and once with 10 ms added to each call. pgroll's SQL is the shape of its statements (marker
column, BEFORE trigger, CTE join), sent by the benchmark.
Where pgroll is on the PATH, it runs itself as well: \`pgroll start\` of a migration that adds the column, on the whole
table. The server's own counts show for every way that each row was updated exactly once.`;

const SYNC_TEXT = `While both versions of an application live, triggers keep the old and the new column in step. One bulk statement of an
application, without triggers and with those of \`alter_column\` (int to bigint), against the two triggers that pgroll makes
for the same change. The median of five rounds, each way once a round.`;

const PARITY_TEXT = `Before contract each row's new value is compared with what the old structure gives, row by row and by a digest of each
side, in the database ([ADR 12](adr/0012-old-and-new-are-compared-before-contract.md)). One whole pass over the main table,
right after its backfill, beside the time of that backfill.`;

const TRAFFIC_TEXT = `Half of the transactions read and half update one row by key, anywhere in the main table, from a thread of its own, on an
open loop: a transaction's time runs from when it was due. A phase ends after its time, finished or not; the single
UPDATE is cancelled then. The watch looks for lock waits every 20 ms, so the longest may be longer by that. The picture has
one time axis: rows that the backfill moved in each second, its longest batch in it, beside the target, and the p99 of the
transactions that became due in it.

The server keeps its WAL files and writes them again, as one that is busy all the time. The last row is another server, which
had no use for so many: it makes some of them during the backfill, and no transaction commits while it fills one. \`lockkeeper plan\`
says where that would be so ([preflight](preflight.md#wal-files)).`;

const HOW_TEXT = `\`\`\`sh
npm run bench                    # 2,000,000 rows, about 10 minutes; writes this page; runs pgroll too, if it is on the PATH
npm run bench -- --rows 200000   # smaller
npm run bench -- --smoke         # under a minute; checks every way, writes nothing
\`\`\`

Not measured here: replica lag. What is not a matter
of time is held by tests in \`test/engine/backfill\`: that a pause takes effect within a batch, that each row is moved
once wherever a runner is killed, that a row which cannot be moved is isolated, and that the throttle holds and resumes.`;

/** What it took to find the row, and that all others were moved. */
function poisonText({ poison }: BenchFacts): string {
  const { rows, rowsMoved, rowsSetAside, batchesToIsolate } = poison;
  return `One row near the middle of the main table breaks a CHECK constraint once it is moved, and one row may be set aside. Of ${count(rows)} rows ${count(rowsMoved)} were moved and ${count(rowsSetAside)} was set aside. From the first batch that failed to the one that set the row aside there were ${count(batchesToIsolate)}, both counted, and also those that moved rows on the way.`;
}

function strategies({ cases }: BenchFacts): string {
  return cases
    .flatMap(({ name, strategies: said }) => said.map((sentence) => `- ${name}: ${sentence}`))
    .join('\n');
}

function markdownTable({ head, leftColumns, rows }: ReportTable): string {
  const rule = head.map((_, column) => (column < leftColumns ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
