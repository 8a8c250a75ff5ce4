import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { epochMs } from '../../../lib/core/ids.ts';
import { type BackfillNews, followed } from '../../../lib/engine/backfill/backfill-news.ts';
import type { StepProgress } from '../../../lib/ports/control-store.ts';

const MINUTE_MS = 60_000;
const TOTAL = 1_000;

function figures(change: Partial<Omit<StepProgress, 'updatedAt'>> & { readonly at?: number } = {}) {
  const { at = 0, ...more } = change;
  const updatedAt = epochMs(at);
  const step = { stepId: 'fill', kind: 'backfill', state: 'running' } as const;
  return { ...step, startedAt: epochMs(0), updatedAt, rowsTotal: TOTAL, ...more };
}

/** What was told on the way through all of these, and the figures that were kept at last. */
function story(reports: readonly StepProgress[], before?: StepProgress) {
  let kept = before;
  const news: (BackfillNews & { readonly at: number })[] = [];
  for (const report of reports) {
    const next = followed(kept, report);
    // As it is stored between two calls.
    kept = JSON.parse(JSON.stringify(next.figures));
    news.push(...next.news.map((one) => ({ ...one, at: report.updatedAt })));
  }
  return { news, kept, kinds: news.map(({ kind }) => kind) };
}

const percents = (news: readonly BackfillNews[]) =>
  news.filter(({ kind }) => kind === 'BackfillProgressed').map(({ facts }) => facts['percent']);

describe('the progress of a backfill', () => {
  it('is told at each tenth of the rows, with what is known', () => {
    const rate = { rowsPerSecond: 50, etaMs: 8_000, etaEarliestMs: 7_000, etaLatestMs: 9_000 };
    const batches = [
      { rows: 40, ms: 90 },
      { rows: 60, ms: 110 },
    ];
    const { news } = story([
      figures({ rowsDone: 99 }),
      figures({ rowsDone: 100, ...rate, batches }),
      figures({ rowsDone: 199 }),
      figures({ rowsDone: 610 }),
    ]);
    expect(news).toMatchObject([
      {
        kind: 'BackfillProgressed',
        facts: {
          step: 'fill',
          rowsDone: 100,
          rowsTotal: TOTAL,
          percent: 10,
          ...rate,
          batchRows: 60,
          batchMs: 110,
        },
      },
      { facts: { rowsDone: 610, percent: 61 } },
    ]);
    expect(Object.keys(news[1]?.facts ?? {})).toEqual(['step', 'rowsDone', 'rowsTotal', 'percent']);
  });

  it('is told at the end alone where the total is not known, and where there are no rows', () => {
    const unknown = { stepId: 'fill', kind: 'backfill', startedAt: epochMs(0) } as const;
    const at = { updatedAt: epochMs(0) };
    const { news } = story([
      { ...unknown, ...at, state: 'running', rowsDone: 500 },
      { ...unknown, ...at, state: 'done', rowsDone: 700, rowsTotal: 700 },
    ]);
    expect(percents(news)).toEqual([100]);
    expect(percents(story([figures({ state: 'done', rowsDone: 0, rowsTotal: 0 })]).news)).toEqual([
      100,
    ]);
  });

  it('is not over before the end, whatever was estimated', () => {
    const { news } = story([
      figures({ rowsDone: 1_000 }),
      figures({ rowsDone: 1_500, rowsTotal: 1_500 }),
      figures({ state: 'done', rowsDone: 1_600, rowsTotal: 1_600 }),
    ]);
    expect(percents(news)).toEqual([99, 100]);
  });

  it('is not told again by a call that comes to compare, or to finish what another began', () => {
    const ended = figures({ state: 'done', rowsDone: TOTAL });
    const parity = { compared: 10, different: 0, repaired: 0 };
    const { news } = story([
      ended,
      ended,
      figures({ rowsDone: TOTAL, parity }),
      ended,
      figures({ state: 'done', rowsDone: TOTAL, parity }),
      ended,
    ]);
    expect(percents(news)).toEqual([100]);
    // ... nor by a comparison whose figures were lost
    expect(story([figures({ rowsDone: TOTAL, parity })]).news).toEqual([]);
  });

  it('goes on where it was after a failure, and begins anew when it was undone', () => {
    const { rowsTotal: _, ...failed } = figures({ state: 'failed', rowsDone: 420 });
    expect(percents(story([figures({ rowsDone: 430 })], failed).news)).toEqual([]);
    const undone = { ...failed, state: 'undone' } as const;
    const again = story([figures({ rowsDone: 50 }), figures({ rowsDone: 130 })], undone);
    expect(percents(again.news)).toEqual([13]);
  });
});

describe('a hold', () => {
  const lag = {
    state: 'held',
    heldBy: 'a replica is 12000 ms behind',
    load: [
      { signal: 'wal', unit: 'MB/s', value: 3, holdsAt: 200, goesOnAt: 100, holds: false },
      {
        signal: 'replicaLag',
        unit: 'ms',
        value: 12_000,
        holdsAt: 10_000,
        goesOnAt: 2_000,
        holds: true,
      },
      { signal: 'cpu', unit: '%', value: 'unreadable', holds: true },
    ],
  } as const;

  it('is told when it begins, with the signals that hold, and when rows have moved for a minute', () => {
    const { news, kept } = story([
      figures({ at: 1_000, rowsDone: 50 }),
      figures({ at: 2_000, rowsDone: 50, ...lag }),
      figures({ at: 3_000, rowsDone: 50, ...lag, heldBy: 'a replica is 13000 ms behind' }),
      figures({ at: 62_000, rowsDone: 55 }),
      figures({ at: 62_000 + MINUTE_MS - 1, rowsDone: 80 }),
      figures({ at: 62_000 + MINUTE_MS, rowsDone: 81 }),
      figures({ at: 62_000 + 2 * MINUTE_MS, rowsDone: 90 }),
    ]);
    expect(news).toEqual([
      {
        kind: 'BackfillHeld',
        at: 2_000,
        reason: 'a replica is 12000 ms behind',
        facts: {
          step: 'fill',
          rowsDone: 50,
          replicaLag: 12_000,
          replicaLagHoldsAt: 10_000,
          replicaLagGoesOnAt: 2_000,
          cpu: 'unreadable',
        },
      },
      { kind: 'BackfillWentOn', at: 62_000 + MINUTE_MS, facts: { step: 'fill', heldMs: 60_000 } },
    ]);
    expect(kept?.hold).toBeUndefined();
  });

  it('that comes and goes is one', () => {
    // GIVEN two seconds of load in every four, for an hour
    const hour = Array.from({ length: 1_800 }, (_, pair) =>
      figures({ at: pair * 2_000, rowsDone: 50, ...(pair % 2 === 0 && lag) }),
    );
    expect(story(hour).kinds).toEqual(['BackfillHeld']);
  });

  it('ends at once with the backfill', () => {
    const { news } = story([
      figures({ at: 0, rowsDone: 990 }),
      figures({ at: 1_000, rowsDone: 990, ...lag }),
      figures({ at: 5_000, rowsDone: 995 }),
      figures({ at: 6_000, state: 'done', rowsDone: TOTAL }),
    ]);
    expect(news.map(({ kind, facts }) => [kind, facts['heldMs']])).toEqual([
      ['BackfillProgressed', undefined],
      ['BackfillHeld', undefined],
      ['BackfillWentOn', 4_000],
      ['BackfillProgressed', undefined],
    ]);
  });

  it('of a comparison is one too, although each of its calls finds all rows moved', () => {
    const ended = figures({ at: 0, state: 'done', rowsDone: TOTAL });
    const parity = { compared: 10, different: 0, repaired: 0 };
    const { kinds } = story([
      ended,
      figures({ at: 1_000, ...lag, parity }),
      { ...ended, updatedAt: epochMs(26_000) },
      figures({ at: 27_000, ...lag, parity }),
      { ...ended, updatedAt: epochMs(52_000) },
      figures({ at: 53_000, parity }),
      figures({ at: 54_000, state: 'done', parity }),
    ]);
    expect(kinds).toEqual(['BackfillProgressed', 'BackfillHeld', 'BackfillWentOn']);
  });
});

describe('whatever happens on the way', () => {
  const steps = fc.array(
    fc.record({
      ms: fc.integer({ min: 1, max: 90_000 }),
      rows: fc.integer({ min: 0, max: 120 }),
      held: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  it('there are at most ten tenths, and holds in turn with their ends, a minute apart', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5_000 }), (script, estimate) => {
        // GIVEN a backfill that is held now and then, of a table that was estimated well or not
        let at = 0;
        let rowsDone = 0;
        const way = script.map(({ ms, rows, held }) => {
          at += ms;
          rowsDone += held ? 0 : rows;
          const rowsTotal = Math.max(estimate, rowsDone);
          return figures({ at, rowsDone, rowsTotal, state: held ? 'held' : 'running' });
        });
        const end = figures({ at: at + 1, rowsDone, rowsTotal: rowsDone, state: 'done' });

        // WHEN
        const { news, kept } = story([...way, end, end]);

        // THEN
        const told = percents(news).map(Number);
        expect(told.length).toBeLessThanOrEqual(10);
        expect(told.at(-1)).toBe(100);
        const tenths = told.map((percent) => Math.floor(percent / 10));
        expect(new Set(tenths).size).toBe(tenths.length);
        expect([...tenths].sort((a, b) => a - b)).toEqual(tenths);
        const holds = news.filter(({ kind }) => kind !== 'BackfillProgressed');
        expect(holds.map(({ kind }) => kind)).toEqual(
          holds.map((_, index) => (index % 2 === 0 ? 'BackfillHeld' : 'BackfillWentOn')),
        );
        expect(holds.length % 2).toBe(0);
        const begun = holds.filter(({ kind }) => kind === 'BackfillHeld');
        for (const [index, { at: since }] of begun.entries()) {
          const last = begun[index - 1]?.at ?? -MINUTE_MS;
          expect(since - last).toBeGreaterThanOrEqual(MINUTE_MS);
        }
        expect(kept?.hold).toBeUndefined();
      }),
    );
  });
});
