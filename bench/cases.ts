import type { BenchOptions } from './options.ts';
import { SHAPES, type ShapeName } from './shapes.ts';

/** How the rows are moved. */
export type Way =
  | { readonly kind: 'single-update' }
  | { readonly kind: 'lockkeeper'; readonly hopMs: number; readonly workers?: number }
  | { readonly kind: 'pgroll'; readonly batchRows: number }
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
/** Of pgroll. */
const DEFAULT_BATCH = 1_000;
/** Its documentation names it. */
const LARGE_BATCH = 10_000;

/**
 * All measurements without traffic, those that are compared next to each other. What a bar compares
 * is measured twice, in the order A B C C B A: a machine that gets slower, or faster, does so for both.
 * @param hasPgroll whether pgroll itself can be run
 */
export function casesOf(hasPgroll: boolean): readonly Case[] {
  const single: Way = { kind: 'single-update' };
  const near = { kind: 'lockkeeper', hopMs: 0 } as const;
  const far: Way = { kind: 'lockkeeper', hopMs: HOP_MS };
  const itself: Way = { kind: 'pgroll-binary', batchRows: DEFAULT_BATCH };
  return [
    ...inTurn(
      caseOf('bigint', 'single', 'one UPDATE', single),
      caseOf('bigint', 'lockkeeper', 'lockkeeper', near),
      pgrollCase('bigint', DEFAULT_BATCH),
    ),
    caseOf('bigint', 'hop', `lockkeeper, ${HOP_MS} ms a call`, far),
    caseOf('bigint', 'workers', `lockkeeper, ${WORKERS} workers`, { ...near, workers: WORKERS }),
    caseOf('bigint', 'single-trigger', 'one UPDATE, sync trigger', single, true),
    caseOf('bigint', 'lockkeeper-trigger', 'lockkeeper, sync trigger', near, true),
    pgrollCase('bigint', LARGE_BATCH),
    ...(hasPgroll ? [caseOf('bigint', 'pgroll-binary', 'pgroll itself, 1000 rows', itself)] : []),
    ...(['uuid', 'fillfactor', 'indexed'] as const).flatMap((shape) =>
      inTurn(
        caseOf(shape, 'single', `${SHAPES[shape].title}: one UPDATE`, single),
        caseOf(shape, 'lockkeeper', `${SHAPES[shape].title}: lockkeeper`, near),
      ),
    ),
    caseOf('unanalyzed', 'lockkeeper', 'never analyzed: lockkeeper', near),
    pgrollCase('unanalyzed', DEFAULT_BATCH, 'never analyzed: '),
    ...(hasPgroll
      ? [caseOf('unanalyzed', 'pgroll-binary', 'never analyzed: pgroll itself, 1000 rows', itself)]
      : []),
  ];
}

/** There and back again: A B C C B A. */
const inTurn = (...cases: readonly Case[]): readonly Case[] => [...cases, ...cases.toReversed()];

function pgrollCase(shape: ShapeName, batchRows: number, prefix = ''): Case {
  const name = `${prefix}pgroll's SQL, ${batchRows} rows`;
  return caseOf(shape, `pgroll-${batchRows}`, name, { kind: 'pgroll', batchRows });
}

function caseOf(shape: ShapeName, way: string, name: string, how: Way, syncTrigger = false): Case {
  return { id: `${shape}/${way}`, name, shape, way: how, syncTrigger };
}
