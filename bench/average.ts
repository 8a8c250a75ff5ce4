import type { CaseResult } from './facts.ts';

/** One result for each way: the mean of its rounds in time, the last one in all that time does not change. */
export function averaged(results: readonly CaseResult[]): readonly CaseResult[] {
  return [...Map.groupBy(results, ({ id }) => id).values()].flatMap((rounds) => {
    const last = rounds.at(-1);
    if (last === undefined) return [];
    const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0) / rounds.length;
    return [
      {
        ...last,
        rounds: rounds.length,
        seconds,
        rowsPerSecond: last.rows / seconds,
        problem: rounds.find(({ problem }) => problem !== undefined)?.problem,
      },
    ];
  });
}
