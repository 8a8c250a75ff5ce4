import type { KeyKind } from './key.ts';
import { planVisits } from './visits.ts';

/** In which order the rows of a window are moved. */
export type Strategy =
  | { readonly kind: 'plain'; readonly reason: string }
  /** Each window is gone through `modulus` times, a share of its rows each time. */
  | {
      readonly kind: 'strided';
      readonly modulus: number;
      /** How many rows of a page each time. @default - as many */
      readonly shares?: readonly number[];
      readonly reason: string;
    };

/** What the choice depends on; all of it is read from the target. */
export interface StrategyFacts {
  /** False: the work reads the walked table and writes another one. */
  readonly updatesWalkedTable: boolean;
  /** A column that the work sets and an index needs, with that index; undefined: none. */
  readonly indexedUpdate: { readonly column: string; readonly index: string } | undefined;
  readonly keyKind: KeyKind;
  /** Whether neighbours in key order are neighbours on disk. */
  readonly keyOrder: 'clustered' | 'scattered';
  /** Besides the index of the key. */
  readonly secondaryIndexes: number;
  /** Percent of a page that inserts may fill; 100 unless set. */
  readonly fillfactor: number;
  /** Undefined when the table was never analyzed. */
  readonly rowsPerPage: number | undefined;
  /** Of the server. */
  readonly pageBytes: number;
  /** By how many bytes a row becomes longer, on average; undefined where it is not known. */
  readonly growth: number | undefined;
  /** Whether the keys of a stride are looked up as a list, so that it costs nothing to have more strides. */
  readonly listed: boolean;
  /** -1 when the table was never analyzed. */
  readonly estimatedRows: number;
  /** Ranges that are gone through at once. @default 1 */
  readonly workers?: number;
  /** Age of the oldest snapshot that somebody else holds, in seconds; 0 when there is none. */
  readonly oldestSnapshotSeconds: number;
  /** Share of updates that were HOT while one strategy was used, 0 to 1; undefined: not measured. */
  readonly hotShare: { readonly plain: number | undefined; readonly strided: number | undefined };
}

/** Below it the whole table is a few batches: nothing to gain. */
const FEW_ROWS = 10_000;
/**
 * A window of 8 batches of 100 ms takes about a second; a snapshot this much older than that
 * keeps every version which striding wants to reuse.
 */
const OLD_SNAPSHOT_SECONDS = 30;
/** Measured: plain ranges reach 0-1% on a full table, striding 66%; under this one it does not work. */
const POOR_HOT_SHARE = 0.3;
/** Measured best for rows of 170 bytes (40 a page): five rows of a page change at each visit. */
const MODULUS = 8;
/** Wide rows: with 8 strides two or more of 16 rows would change at a visit; 16 make it one. */
const WIDE_MODULUS = 16;
const WIDE_ROWS_PER_PAGE = 16;
/** Never fewer: the new value makes rows longer than those that left the room. */
const FEWEST_STRIDES = 4;

/**
 * Strided moves let a page's dead versions be pruned between visits, so that new versions stay on
 * the page (HOT): no index writes, a third less WAL, little bloat. This is where that cannot work.
 */
export function chooseStrategy(facts: StrategyFacts): Strategy {
  const obstacle = obstacleToStriding(facts);
  if (obstacle !== undefined) return { kind: 'plain', reason: obstacle };
  const modulus = modulusFor(facts);
  const shares = modulus === FEWEST_STRIDES ? undefined : fittingShares(facts);
  const reason = benefit(facts);
  return shares === undefined
    ? { kind: 'strided', modulus, reason }
    : { kind: 'strided', modulus: shares.length, shares, reason };
}

/** Of a page, and of each row on it. */
const PAGE_HEADER = 24;
const LINE_POINTER = 4;

/**
 * Strides that are as large as the room for them, where it is known and pays: rows are looked up, not
 * picked out at each visit, and a page has enough of them to be divided. Not for several workers: the
 * batch of another one keeps what died in the visit before (measured with two: 270,000 rows/s instead
 * of 247,000, but 61-68% HOT instead of 73%, and a heap of 1.4 instead of 1.3).
 */
function fittingShares(facts: StrategyFacts): readonly number[] | undefined {
  const { rowsPerPage, pageBytes, growth, listed, workers = 1, fillfactor } = facts;
  if (!listed || workers > 1 || growth === undefined) return undefined;
  if (rowsPerPage === undefined || rowsPerPage < WIDE_ROWS_PER_PAGE) return undefined;
  const filled = pageBytes * (fillfactor / 100) - PAGE_HEADER;
  const oldBytes = filled / rowsPerPage - LINE_POINTER;
  return planVisits({
    rows: Math.round(rowsPerPage),
    oldBytes,
    newBytes: oldBytes + Math.max(0, growth) + LINE_POINTER,
    roomBytes: pageBytes - PAGE_HEADER - filled,
    indexes: facts.secondaryIndexes + 1,
  });
}

/**
 * Each row is looked at as many times as there are strides, so no more than needed: where the
 * fillfactor leaves room on each page, a visit's share of the page has to fit that room. Measured
 * at fillfactor 70, 2,000,000 rows, to one UPDATE: 2 strides 2.4x, 4 strides 3.9x, 8 strides 2.5x;
 * at fillfactor 100: 4 strides 1.3x, 8 strides 1.5x, 16 strides 1.2x.
 *
 * The batch of another worker is a snapshot that keeps what died in the visit before, so that room
 * for two visits is needed. Measured with two workers, 400,000 rows: at fillfactor 100 8 strides make
 * 52-62% of the updates HOT and 16 make 70-77% (one worker with 8: 75%); at 70, 4 make 77% and 8 98%.
 */
function modulusFor({ fillfactor, rowsPerPage, workers = 1 }: StrategyFacts): number {
  const visits = workers === 1 ? 1 : 2;
  const room = fillfactor < 100 ? fillfactor / (100 - fillfactor) : Number.POSITIVE_INFINITY;
  const fitting = visits * room;
  if (fitting <= FEWEST_STRIDES) return FEWEST_STRIDES;
  if (fitting <= MODULUS) return MODULUS;
  const isWide = rowsPerPage !== undefined && rowsPerPage < WIDE_ROWS_PER_PAGE;
  return isWide || visits > 1 ? WIDE_MODULUS : MODULUS;
}

function obstacleToStriding(facts: StrategyFacts): string | undefined {
  const { hotShare, indexedUpdate } = facts;
  if (!facts.updatesWalkedTable) return 'the walked table itself is not updated';
  if (facts.estimatedRows >= 0 && facts.estimatedRows < FEW_ROWS) {
    return `about ${facts.estimatedRows} rows need no striding`;
  }
  if (facts.keyKind === 'unhashable') return 'the type of the key has no hash function';
  if (indexedUpdate !== undefined) {
    return `column ${indexedUpdate.column} is in index ${indexedUpdate.index}, so no update can be HOT`;
  }
  if (facts.oldestSnapshotSeconds >= OLD_SNAPSHOT_SECONDS) {
    return `a snapshot of ${Math.round(facts.oldestSnapshotSeconds)} s is held, so no dead row can be pruned`;
  }
  if (hotShare.strided !== undefined && hotShare.strided < POOR_HOT_SHARE) {
    if (hotShare.strided <= (hotShare.plain ?? 1)) {
      return `striding made only ${percent(hotShare.strided)} of the updates HOT`;
    }
  }
  if (facts.keyOrder === 'scattered' && (hotShare.plain ?? 1) >= POOR_HOT_SHARE) {
    return 'the order of the key already spreads a batch over many pages';
  }
  return undefined;
}

function benefit(facts: StrategyFacts): string {
  if (facts.hotShare.strided !== undefined) {
    return `${percent(facts.hotShare.strided)} of the updates are HOT`;
  }
  if (facts.fillfactor < 100) return `fillfactor ${facts.fillfactor} leaves room for HOT updates`;
  if (facts.secondaryIndexes === 0) return 'less bloat';
  const indexes = facts.secondaryIndexes === 1 ? '1 index' : `${facts.secondaryIndexes} indexes`;
  return `HOT updates spare ${indexes}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
