import type { BenchFacts, CaseResult } from '../facts.ts';

/** What each result is compared to: the way before, in the same shape. */
const BASES: Readonly<Record<string, string>> = {
  'bigint/single': 'bigint/single',
  'bigint/lockkeeper': 'bigint/single',
  'bigint/hop': 'bigint/single',
  'bigint/workers': 'bigint/single',
  'bigint/single-trigger': 'bigint/single',
  'bigint/lockkeeper-trigger': 'bigint/single',
  'bigint/pgroll-1000': 'bigint/single',
  'bigint/pgroll-10000': 'bigint/single',
  'bigint/pgroll-binary': 'bigint/single',
  'uuid/single': 'uuid/single',
  'uuid/lockkeeper': 'uuid/single',
  'fillfactor/single': 'fillfactor/single',
  'fillfactor/lockkeeper': 'fillfactor/single',
  'indexed/single': 'indexed/single',
  'indexed/lockkeeper': 'indexed/single',
  'unanalyzed/lockkeeper': 'unanalyzed/pgroll-1000',
  'unanalyzed/pgroll-1000': 'unanalyzed/pgroll-1000',
  'unanalyzed/pgroll-binary': 'unanalyzed/pgroll-1000',
};

/** Rows a second to those of what it is compared to: one UPDATE of the same table, or pgroll's SQL. */
export function ratioOf(facts: Pick<BenchFacts, 'cases'>, id: string): number {
  return ratio(facts, id, BASES[id] ?? id);
}

/** Rows a second of one result to those of another. @throws RangeError when one was not measured */
export function ratio(facts: Pick<BenchFacts, 'cases'>, of: string, to: string): number {
  return find(facts, of).rowsPerSecond / find(facts, to).rowsPerSecond;
}

/** @throws RangeError when it was not measured */
export function find({ cases }: Pick<BenchFacts, 'cases'>, id: string): CaseResult {
  const found = cases.find((result) => result.id === id);
  if (found === undefined) throw new RangeError(`${id} was not measured`);
  return found;
}
