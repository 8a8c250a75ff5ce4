import type { KillFacts } from '../kills/measure-kills.ts';

/** What the deaths of the runtime did. */
export function killsSection(facts: KillFacts): string {
  const { runs, perRun, seed, rows, calls } = facts;
  const deaths = runs.flatMap((run) => run.deaths);
  const good = runs.filter(({ problems }) => problems.length === 0);
  const ended = (ending: string) => good.filter((run) => run.ending === ending).length;
  const lives =
    perRun === 1
      ? 'each in a run of its own'
      : `${perRun} in a run, each after the resume before it`;
  return `## The runtime is killed

The example's first migration (${rows.toLocaleString('en-US')} invoices, two snapshots, two gates) under traffic of both versions of the application. The
process that runs the functions, the state machine, the control store and PostgreSQL gets SIGKILL at the n-th of about ${calls.toLocaleString('en-US')} calls
that functions make, before the call, in the middle of it or after it; in half of the cases PostgreSQL gets SIGKILL first, otherwise it
sees its parent gone and shuts down. Then the runtime is started on the same directory, the applications connect again, and somebody
does what \`lockkeeper status\` prints. What the applications wrote last is kept row by row by triggers in the very transactions that wrote it;
the checksum over all rows of the tables must equal the checksum over these.

**${deaths.length} kills (seed ${seed}), ${lives}: ${good.length} of ${runs.length} runs ended with equal checksums**, ${ended('succeeded')} of them completed, ${ended('rolled-back')} rolled back; no row was moved twice, no index is INVALID, no lease is left, and after each restart every request of the applications was answered right.

${table(countsBy(deaths.map(({ found }) => found)))}`;
}

function countsBy(words: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

function table(counts: readonly (readonly [string, number])[]): string {
  return [
    '| what it was doing when it was killed | kills |',
    '| --- | ---: |',
    ...counts.map(([found, count]) => `| ${found} | ${count} |`),
  ].join('\n');
}
