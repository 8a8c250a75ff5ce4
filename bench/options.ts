import { parseArgs } from 'node:util';

/** How large a run is, and where its report goes. */
export interface BenchOptions {
  /** Rows of the tables that are not smaller for a reason of their own. */
  readonly rows: number;
  /** Rows of the table without statistics. */
  readonly unanalyzedRows: number;
  /** Rows of the table whose column is kept in step. */
  readonly syncRows: number;
  /** Length of each phase with traffic, in seconds. */
  readonly trafficSeconds: number;
  /** Of the uuid keys and of the traffic; rows are the same in every run. */
  readonly seed: number;
  /** Checks that every way runs and moves each row once; its timings mean nothing. */
  readonly smoke: boolean;
  /** Folder of the page, with the charts and the JSON in a folder `benchmarks`; undefined: nothing is written. */
  readonly out: string | undefined;
}

/** What a wrong command line is answered with. */
export const USAGE =
  'usage: node bench/run.ts [--rows 2000000] [--smoke] [--seed 1] [--out directory]';

const DEFAULT_ROWS = 2_000_000;
/** The smallest size at which the tables of all shapes are large enough to be strided. */
const SMOKE_ROWS = 12_000;
const LARGEST_UNANALYZED = 300_000;
/** A bulk statement of a second or two: enough to compare. */
const LARGEST_SYNCED = 200_000;
/** With less, a table is too small to be strided. */
const FEWEST_ROWS = 10_000;

/** @throws TypeError for an unknown option or a value that is not a number */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rows: { type: 'string' },
      seed: { type: 'string', default: '1' },
      smoke: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  const smoke = values.smoke;
  const rows = wholeNumber('rows', values.rows ?? String(smoke ? SMOKE_ROWS : DEFAULT_ROWS));
  if (rows < FEWEST_ROWS) throw new TypeError(`--rows is at least ${FEWEST_ROWS}, got ${rows}`);
  return {
    rows,
    unanalyzedRows: Math.min(LARGEST_UNANALYZED, rows),
    syncRows: Math.min(LARGEST_SYNCED, rows),
    trafficSeconds: smoke ? 2 : 25,
    seed: wholeNumber('seed', values.seed),
    smoke,
    out: values.out ?? (smoke ? undefined : 'docs'),
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`--${name} is a whole number, got ${text}`);
  return Number(text);
}
