/** What is known of a page before its rows get their new values. */
export interface PageFacts {
  /** How many it holds, a whole number. */
  readonly rows: number;
  /** What a row leaves when it is pruned, in bytes: all but its line pointer. */
  readonly oldBytes: number;
  /** What it needs when it comes back: a new line pointer as well. */
  readonly newBytes: number;
  /** What inserts leave free, in bytes. */
  readonly roomBytes: number;
  /** All of the table, that of the key too. */
  readonly indexes: number;
}

/**
 * Microseconds of a core, of which only the ratio counts: finding a page, locking it and pruning it
 * (fillfactor 70: 2.08 a row with 7 rows a visit, 2.53 with 3.5), and a row that leaves its page
 * (10 where one that stays takes 1.4: room elsewhere, and an entry in each of three indexes).
 */
const VISIT = 3;
const LEAVING = 1;
const ENTRY = 3;

/**
 * A fit that lacks this much of a row is one: the widths are averages over whole pages, and each page
 * has some bytes left over.
 */
const LEFT_OVER = 0.4;

/** What is tried: first visits of up to half of a page, and smallest ones of up to a quarter. */
const LARGEST_FIRST = 1 / 2;
const LARGEST_LEAST = 1 / 4;
/** A window has about as many batches as visits, and all of its pages should stay in memory meanwhile. */
const MOST_VISITS = 16;

/**
 * How a page is gone through with the least work: how many of its rows change at each visit.
 *
 * The rows of the first visit find no room and leave. What they leave is room for the second visit
 * once it is pruned, for somewhat fewer rows, as they have become longer; and so on. Visits of one
 * size would be too large for that each time but the first, and a row of each would leave. So each
 * visit takes what fits, and what is to be chosen is the first one: a large one sends more rows away,
 * a small one makes more visits. A smallest visit ends a series that would go on for ever.
 *
 * @returns whole numbers that add up to the rows of the page
 */
export function planVisits(page: PageFacts): readonly number[] {
  let best = series(page, page.rows, page.rows);
  for (let first = 1; first <= page.rows * LARGEST_FIRST; first += 1) {
    for (let least = 1; least <= Math.min(first, page.rows * LARGEST_LEAST); least += 1) {
      const tried = series(page, first, least);
      if (tried.cost < best.cost && tried.visits.length <= MOST_VISITS) best = tried;
    }
  }
  return best.visits;
}

/** The rows of each visit, and what they cost. */
function series(
  { rows, oldBytes, newBytes, roomBytes, indexes }: PageFacts,
  first: number,
  least: number,
): { readonly cost: number; readonly visits: readonly number[] } {
  const visits: number[] = [];
  let room = roomBytes;
  let leaving = 0;
  let left = rows;
  while (left > 0) {
    const fitting = Math.max(0, Math.floor(room / newBytes + LEFT_OVER));
    const wanted = visits.length === 0 ? first : Math.max(least, fitting);
    const visit = Math.min(left, wanted);
    const staying = Math.min(visit, fitting);
    leaving += visit - staying;
    room += visit * oldBytes - staying * newBytes;
    left -= visit;
    visits.push(visit);
  }
  return { cost: visits.length * VISIT + leaving * (LEAVING + ENTRY * indexes), visits };
}
