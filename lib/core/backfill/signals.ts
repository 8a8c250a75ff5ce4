/** What the numbers of a signal are; a `yes` is 1 and a `no` is 0. */
export const SIGNAL_UNITS = [
  'ms',
  'sessions',
  'MB/s',
  'segments',
  '%',
  'credits',
  'yes or no',
] as const;
export type SignalUnit = (typeof SIGNAL_UNITS)[number];

/** Something that the target, or what it runs on, says about itself while rows are moved. */
export interface SignalKind {
  /** For people, in a table. */
  readonly title: string;
  readonly unit: SignalUnit;
  /** Batches are held from here on ... */
  readonly hold: number;
  /** ... and go on here. Below `hold`, unless less of it is worse. */
  readonly resume: number;
  /** Whether it holds without being tuned; otherwise it is shown. */
  readonly byDefault: 'holds' | 'shows';
  /** What to tune; absent on a signal that cannot be overruled. */
  readonly knob?: { readonly name: string; readonly min: number; readonly max: number };
  /** Why batches are held. */
  says(value: number): string;
}

/**
 * Every signal; what holds for several reasons names the first one of this order.
 *
 * - waitingForUs: a batch takes about 100 ms; at 300 tx/s over 2 million rows less than one session
 *   meets it. Ten at once mean hot rows.
 * - connections: of those that are not reserved. At 90% applications are queueing up, and the next
 *   one that is refused may be the operator's.
 * - replicaLag: Aurora replicas are 10 to 100 ms behind; readers see stale data long before 10 s.
 * - commitLatency: Spirit holds at 100 ms on Aurora, whose commits take 2 to 10 ms; so do disks.
 * - archiveBacklog: GitLab holds at 42 segments that wait to be archived, 672 MB that a crash with the
 *   disk would lose.
 * - wal: twelve segments of 16 MB a second. A backfill alone writes 20 to 60 MB/s; archiving and
 *   replicas that have to carry three times as much fall behind.
 * - oldestSnapshot: dead rows of an hour of backfill cannot be removed; more would double the table.
 * - deadRows: of all versions of rows in the table. Autovacuum begins at 17% (a fifth of the live
 *   ones), so 30% means it does not keep up. Where nothing vacuums, a hold would never end: it is
 *   for who sees to that.
 * - cpu, acu: of what the writer has, or may grow to, in the last minute.
 * - cpuCredits: one is a minute of one vCPU; the burstable classes have two, so 30 are gone in 15 min.
 */
export const SIGNALS = {
  waitingForUs: {
    title: 'sessions that wait for us',
    unit: 'sessions',
    hold: 10,
    resume: 2,
    byDefault: 'holds',
    knob: { name: 'holdWaiters', min: 1, max: 1_000 },
    says: (value) => `${value} sessions wait for our row locks`,
  },
  connections: {
    title: 'connections in use',
    unit: '%',
    hold: 90,
    resume: 80,
    byDefault: 'holds',
    knob: { name: 'holdConnections', min: 10, max: 100 },
    says: (value) => `${round(value)}% of the server's connections are in use`,
  },
  replicaLag: {
    title: 'replica lag',
    unit: 'ms',
    hold: 10_000,
    resume: 2_000,
    byDefault: 'holds',
    knob: { name: 'holdLag', min: 100, max: 3_600_000 },
    says: (value) => `a replica is ${round(value)} ms behind`,
  },
  commitLatency: {
    title: 'time of a commit',
    unit: 'ms',
    hold: 100,
    resume: 50,
    byDefault: 'holds',
    knob: { name: 'holdCommit', min: 5, max: 60_000 },
    says: (value) => `a commit of one row takes ${round(value)} ms`,
  },
  archiveBacklog: {
    title: 'WAL to be archived',
    unit: 'segments',
    hold: 42,
    resume: 10,
    byDefault: 'holds',
    knob: { name: 'holdArchive', min: 2, max: 100_000 },
    says: (value) => `${value} WAL segments wait to be archived`,
  },
  wal: {
    title: 'WAL written',
    unit: 'MB/s',
    hold: 200,
    resume: 100,
    byDefault: 'holds',
    knob: { name: 'holdWal', min: 1, max: 10_000 },
    says: (value) => `the server writes ${round(value)} MB of WAL a second`,
  },
  cpu: {
    title: 'CPU of the writer',
    unit: '%',
    hold: 90,
    resume: 75,
    byDefault: 'holds',
    knob: { name: 'holdCpu', min: 10, max: 100 },
    says: (value) => `the writer's CPU is ${round(value)}% busy`,
  },
  cpuCredits: {
    title: 'CPU credits left',
    unit: 'credits',
    hold: 30,
    resume: 60,
    byDefault: 'holds',
    knob: { name: 'holdCredits', min: 1, max: 10_000 },
    says: (value) => `the writer has ${round(value)} CPU credits left`,
  },
  acu: {
    title: 'serverless capacity in use',
    unit: '%',
    hold: 95,
    resume: 85,
    byDefault: 'holds',
    knob: { name: 'holdAcu', min: 10, max: 100 },
    says: (value) => `the writer has grown to ${round(value)}% of its largest capacity`,
  },
  oldestSnapshot: {
    title: 'oldest snapshot',
    unit: 'ms',
    hold: 3_600_000,
    resume: 600_000,
    byDefault: 'holds',
    knob: { name: 'holdSnapshot', min: 60_000, max: 7 * 86_400_000 },
    says: (value) =>
      `a transaction of ${round(value / 60_000)} min keeps dead rows from being removed`,
  },
  deadRows: {
    title: 'dead rows in the table',
    unit: '%',
    hold: 30,
    resume: 15,
    byDefault: 'shows',
    knob: { name: 'holdDead', min: 5, max: 95 },
    says: (value) => `${round(value)}% of the rows in the table are dead`,
  },
  wraparoundVacuum: {
    title: 'vacuum against wraparound',
    unit: 'yes or no',
    hold: 1,
    resume: 0,
    byDefault: 'holds',
    says: () => 'a vacuum against transaction id wraparound works on the table',
  },
  // It helps, however slow it makes the disk.
  vacuum: {
    title: 'vacuum on the table',
    unit: 'yes or no',
    hold: 1,
    resume: 0,
    byDefault: 'shows',
    says: () => 'a vacuum works on the table',
  },
} as const satisfies Record<string, SignalKind>;

export type SignalName = keyof typeof SIGNALS;
export const SIGNAL_NAMES = Object.keys(SIGNALS) as readonly SignalName[];

export function signalKind(name: SignalName): SignalKind {
  return SIGNALS[name];
}

/**
 * One signal of a reading, in its unit.
 *
 * - `absent`: there is no such thing on this target
 * - `pending`: not known, such as a rate of one reading, or what the role may not see: what it said before stays
 * - `unreadable`: it should be there
 */
export type SignalValue = number | 'absent' | 'pending' | 'unreadable';

/** What was read at one moment. */
export type SignalReading = Readonly<Record<SignalName, SignalValue>>;

/** When a signal holds and when it lets go; undefined for one that is only shown. */
export type Thresholds = Readonly<
  Record<SignalName, { readonly hold: number; readonly resume: number } | undefined>
>;

/** The product's own. */
export const THRESHOLDS = thresholdsOf(() => undefined);

/** @param tuned the value to hold at, where somebody chose one: it lets go in the same proportion as ours */
export function thresholdsOf(tuned: (name: SignalName) => number | undefined): Thresholds {
  const of = (name: SignalName) => {
    const { hold, resume, byDefault } = signalKind(name);
    const value = tuned(name);
    if (value !== undefined) return { hold: value, resume: (value * resume) / hold };
    return byDefault === 'holds' ? { hold, resume } : undefined;
  };
  return Object.fromEntries(SIGNAL_NAMES.map((name) => [name, of(name)])) as Thresholds;
}

function round(value: number): number {
  return Math.round(value);
}
