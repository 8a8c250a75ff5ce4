import type { BenchFacts, PoisonFacts } from './facts.ts';
import type { BenchOptions } from './options.ts';

/** What makes a run worthless, whatever its timings are. */
export function problemsOf(
  { cases, poison, traffic, trafficOnNewServer }: BenchFacts,
  { smoke }: Pick<BenchOptions, 'smoke'>,
): readonly string[] {
  return [
    ...cases.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`])),
    ...problemsOfPoison(poison),
    ...[...traffic.phases, ...trafficOnNewServer.phases]
      .filter(({ transactions, failed }) => transactions === 0 || (smoke && failed > 0))
      .map(
        ({ name, transactions, failed }) =>
          `traffic during ${name}: ${failed} of ${transactions} transactions failed`,
      ),
  ];
}

/** All rows but the bad one are moved, and that one is set aside. */
function problemsOfPoison({ rows, rowsMoved, rowsSetAside }: PoisonFacts): readonly string[] {
  if (rowsMoved === rows - 1 && rowsSetAside === 1) return [];
  return [`one bad row of ${rows}: ${rowsMoved} are moved, ${rowsSetAside} are set aside`];
}
