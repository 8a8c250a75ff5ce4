import type { BenchFacts, ParityFacts, TrafficPhase, TrafficPhaseName } from '../facts.ts';
import { find, ratio } from './comparisons.ts';

/** Something that was promised, and what was measured. */
export interface Bar {
  readonly text: string;
  readonly limit: string;
  readonly measured: string;
  readonly met: boolean;
}

/** What a backfill may make an innocent transaction wait: its batch target, plus one look of the watch. */
const LONGEST_WAIT_MS = 100 + 20;

/** What comparing may take of the time that moving took. */
const PARITY_LIMIT = 0.15;

/** Halving among the rows of a window of eight strides, and some batches more. */
const ISOLATION_LIMIT = 25;

/** The bars of the project, in the order of its promises. */
export function barsOf(facts: BenchFacts): readonly Bar[] {
  const idle = phaseOf(facts, 'idle');
  const busy = phaseOf(facts, 'lockkeeper');
  const rate = (text: string, of: string, to: string, limit: number): Bar =>
    atLeast(text, limit, ratio(facts, of, to));
  return [
    rate('rate to one UPDATE', 'bigint/lockkeeper', 'bigint/single', 1.1),
    rate('rate to one UPDATE, 10 ms a call', 'bigint/hop', 'bigint/single', 1),
    atMost('heap growth', 1.5, find(facts, 'bigint/lockkeeper').heapGrowth),
    rate('rate to one UPDATE, uuid key', 'uuid/lockkeeper', 'uuid/single', 1.2),
    rate('rate to one UPDATE, fillfactor 70', 'fillfactor/lockkeeper', 'fillfactor/single', 2.5),
    rate('rate to one UPDATE, indexed column', 'indexed/lockkeeper', 'indexed/single', 0.65),
    rate("rate to pgroll's SQL, batches of 1000", 'bigint/lockkeeper', 'bigint/pgroll-1000', 2),
    rate(
      "rate to pgroll's SQL, both with a trigger",
      'bigint/lockkeeper-trigger',
      'bigint/pgroll-1000',
      2,
    ),
    rate(
      "rate to pgroll's SQL, never analyzed",
      'unanalyzed/lockkeeper',
      'unanalyzed/pgroll-1000',
      5,
    ),
    atMost(
      'bulk UPDATE of a column in two versions, to none',
      facts.sync.synced.pgroll / facts.sync.synced.none,
      facts.sync.synced.lockkeeper / facts.sync.synced.none,
    ),
    share('time of parity to that of its backfill', PARITY_LIMIT, facts.parity.near),
    share('time of parity to that of its backfill, 10 ms a call', PARITY_LIMIT, facts.parity.far),
    {
      text: 'batches to isolate a bad row',
      limit: `at most ${ISOLATION_LIMIT}`,
      measured: String(facts.poison.batchesToIsolate),
      met: facts.poison.batchesToIsolate <= ISOLATION_LIMIT,
    },
    atMost('p99 of traffic to idle', 2, busy.latencyMs.p99 / idle.latencyMs.p99),
    {
      text: 'longest lock wait of traffic',
      limit: `at most ${LONGEST_WAIT_MS} ms`,
      measured: `${busy.longestLockWaitMs.toFixed(0)} ms`,
      met: busy.longestLockWaitMs <= LONGEST_WAIT_MS,
    },
    {
      text: 'failed transactions',
      limit: 'none',
      measured: `${busy.failed} of ${busy.transactions}`,
      met: busy.failed === 0,
    },
  ];
}

/** @throws RangeError when it was not measured */
export function phaseOf({ traffic }: BenchFacts, name: TrafficPhaseName): TrafficPhase {
  const found = traffic.phases.find((phase) => phase.name === name);
  if (found === undefined) throw new RangeError(`phase ${name} was not measured`);
  return found;
}

function atLeast(text: string, limit: number, measured: number): Bar {
  return {
    text,
    limit: `at least ${limit.toFixed(2)}x`,
    measured: `${measured.toFixed(2)}x`,
    met: measured >= limit,
  };
}

function share(text: string, limit: number, { seconds, backfillSeconds }: ParityFacts): Bar {
  const percent = (value: number) => `${(100 * value).toFixed(0)}%`;
  const measured = seconds / backfillSeconds;
  return {
    text,
    limit: `at most ${percent(limit)}`,
    measured: percent(measured),
    met: measured <= limit,
  };
}

function atMost(text: string, limit: number, measured: number): Bar {
  return {
    text,
    limit: `at most ${limit.toFixed(2)}x`,
    measured: `${measured.toFixed(2)}x`,
    met: measured <= limit,
  };
}
