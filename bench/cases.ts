import type { BenchOptions } from './options.ts';
import { SHAPES, type ShapeName } from './shapes.ts';

/** How the rows are moved. */
export type Way =
  | { readonly kind: 'single-update' }
  | { readonly kind: 'lockkeeper'; readonly hopMs: number; readonly workers?: number }
  /** `rows`: where it ends; its rate shows long before the end of a large table. */
  | { readonly kind: 'pgroll'; readonly batchRows: number; readonly rows: number }
  /** The program itself, on the whole table. */
  | { readonly kind: 'pgroll-binary'; readonly batchRows: number };

/** One measurement: a way on a fresh table. */
export interface Case {
  /** `<shape>/<way>`; results are compared by it. */
  readonly id: string;
  readonly name: string;
  readonly shape: ShapeName;
  readonly way: Way;
  /** Whether a sync trigger is on the table. */
  readonly syncTrigger: boolean;
}

/** Rows of the table that a case runs on. */
export function rowsOf(shape: ShapeName, options: BenchOptions): number {
  return shape === 'unanalyzed' ? options.unanalyzedRows : options.rows;
}

/** The distance between a function and the Data API in one region, in milliseconds. */
export const HOP_MS = 10;
/** As many as the machines have cores that the documentation measures on. */
const WORKERS = 2;
/** pgroll's default, and the size of the batches that its documentation names. */
const PGROLL_BATCHES = [1_000, 10_000] as const;
/** A quarter of the table is minutes enough for a rate, and spares minutes of the same. */
const PGROLL_SHARE = 0.25;

/**
 * All measurements without traffic, those that are compared next to each other. What a bar compares
 * is measured twice, in the order A B B A: a machine that gets slower, or faster, does so for both.
 * @param hasPgroll whether pgroll itself can be run
 */
export function casesOf(options: BenchOptions, hasPgroll: boolean): readonly Case[] {
  const single: Way = { kind: 'single-update' };
  const near = { kind: 'lockkeeper', hopMs: 0 } as const;
  const far: Way = { kind: 'lockkeeper', hopMs: HOP_MS };
  const itself: Way = { kind: 'pgroll-binary', batchRows: PGROLL_BATCHES[0] };
  const pgrollRows = Math.floor(options.rows * PGROLL_SHARE);
  const unanalyzedRows = Math.floor(options.unanalyzedRows * PGROLL_SHARE);
  return [
    ...inTurn(
      caseOf('bigint', 'single', 'one UPDATE', single),
      caseOf('bigint', 'lockkeeper', 'lockkeeper', near),
    ),
    caseOf('bigint', 'hop', `lockkeeper, ${HOP_MS} ms a call`, far),
    caseOf('bigint', 'workers', `lockkeeper, ${WORKERS} workers`, { ...near, workers: WORKERS }),
    caseOf('bigint', 'single-trigger', 'one UPDATE, sync trigger', single, true),
    caseOf('bigint', 'lockkeeper-trigger', 'lockkeeper, sync trigger', near, true),
    ...PGROLL_BATCHES.map((batchRows) =>
      caseOf('bigint', `pgroll-${batchRows}`, `pgroll's SQL, ${batchRows} rows`, {
        kind: 'pgroll',
        batchRows,
        rows: pgrollRows,
      }),
    ),
    ...(hasPgroll ? [caseOf('bigint', 'pgroll-binary', 'pgroll itself, 1000 rows', itself)] : []),
    ...(['uuid', 'fillfactor', 'indexed'] as const).flatMap((shape) =>
      inTurn(
        caseOf(shape, 'single', `${SHAPES[shape].title}: one UPDATE`, single),
        caseOf(shape, 'lockkeeper', `${SHAPES[shape].title}: lockkeeper`, near),
      ),
    ),
    caseOf('unanalyzed', 'lockkeeper', 'never analyzed: lockkeeper', near),
    caseOf('unanalyzed', 'pgroll-1000', "never analyzed: pgroll's SQL, 1000 rows", {
      kind: 'pgroll',
      batchRows: 1_000,
      rows: unanalyzedRows,
    }),
    ...(hasPgroll
      ? [caseOf('unanalyzed', 'pgroll-binary', 'never analyzed: pgroll itself, 1000 rows', itself)]
      : []),
  ];
}

const inTurn = (one: Case, other: Case): readonly Case[] => [one, other, other, one];

function caseOf(shape: ShapeName, way: string, name: string, how: Way, syncTrigger = false): Case {
  return { id: `${shape}/${way}`, name, shape, way: how, syncTrigger };
}
