/** What one way did to one table. */
export interface CaseResult {
  readonly id: string;
  readonly name: string;
  /** Of the table; each was moved. */
  readonly rows: number;
  /** How often it was measured. */
  readonly rounds: number;
  /** Of one round, on average. */
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** Size of the heap after, to before. */
  readonly heapGrowth: number;
  readonly hotPercent: number;
  readonly walBytesPerRow: number;
  /** What the planner chose and why; empty for ways that choose nothing. */
  readonly strategies: readonly string[];
  /** How rows were lost or repeated; undefined: each was moved exactly once. */
  readonly problem: string | undefined;
}

/** What transactions of an application felt in one phase. */
export interface TrafficPhase {
  readonly name: TrafficPhaseName;
  /** When it began, in seconds on the timeline, by the clock of the thread that makes the traffic. */
  readonly startedAt: number;
  readonly seconds: number;
  /** Transactions that became due, all of them answered in the end. */
  readonly transactions: number;
  readonly failed: number;
  /** From the moment a transaction was due; waits of the application's own pool count. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Longest wait for a lock that was seen; looked for every 20 ms. */
  readonly longestLockWaitMs: number;
  /** Rows that were moved meanwhile in a second; undefined: nothing was, or nothing was finished. */
  readonly rowsPerSecond: number | undefined;
}

export type TrafficPhaseName = 'idle' | 'lockkeeper' | 'single-update';

/** The slowest transactions of one second. */
export interface TrafficSecond {
  readonly phase: TrafficPhaseName;
  /** Whole seconds since the traffic began; it warms up before the first phase. */
  readonly at: number;
  readonly p99Ms: number;
}

/** What the backfill did in one second. */
export interface BackfillSecond {
  /** On the timeline, as `TrafficSecond.at`. */
  readonly at: number;
  readonly rowsPerSecond: number;
  /** Of the batches that ran in it, also in part; undefined: none did. */
  readonly longestBatchMs: number | undefined;
}

export interface TrafficFacts {
  readonly perSecond: number;
  readonly phases: readonly TrafficPhase[];
  readonly timeline: readonly TrafficSecond[];
  /** The seconds of phase `lockkeeper`, up to its last batch. */
  readonly backfill: readonly BackfillSecond[];
  /** What a batch should take. */
  readonly targetBatchMs: number;
  /** WAL files that the server had to make in phase `lockkeeper`, as it had too few to write again. */
  readonly newWalFiles: number;
}

/** The size of one handler, and how long a new process takes to import it. */
export interface HandlerFacts {
  readonly name: string;
  readonly bytes: number;
  /** Median of three. */
  readonly importMs: number;
}

export interface PlatformFacts {
  readonly handlers: readonly HandlerFacts[];
  /** Time of a state transition in the embedded Step Functions, without and with a call of a function. */
  readonly passStateMs: number;
  readonly taskStateMs: number;
  /** Importing the construct library, once in a process, and synthesizing the stack after that. */
  readonly constructImportMs: number;
  readonly synthMs: number;
}

/** Seconds of one bulk statement of an application, while a column is kept in step. */
export interface SyncSeconds {
  /** Without any trigger. */
  readonly none: number;
  readonly lockkeeper: number;
  /** The shape of pgroll's triggers. */
  readonly pgroll: number;
}

export interface SyncFacts {
  readonly rows: number;
  /** An UPDATE of the column that is kept in step. */
  readonly synced: SyncSeconds;
  /** An UPDATE of another column. */
  readonly other: SyncSeconds;
  readonly insert: SyncSeconds;
}

/** What it costs to compare old and new after a backfill, of all rows. */
export interface ParityFacts {
  readonly rows: number;
  /** Of the backfill right before, on the same table. */
  readonly backfillSeconds: number;
  readonly seconds: number;
}

/** What one row cost that could not be moved, in the middle of a table. */
export interface PoisonFacts {
  /** Of the table, the bad one included. */
  readonly rows: number;
  /** From the first batch that failed to the one that set the row aside, both counted. */
  readonly batchesToIsolate: number;
  /** Rows that hold the new value. */
  readonly rowsMoved: number;
  /** Rows in `lockkeeper.quarantine`. */
  readonly rowsSetAside: number;
}

/** Where and how it was measured. */
export interface RunFacts {
  readonly date: string;
  readonly machine: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string;
  readonly seed: number;
  readonly rows: number;
  readonly minutes: number;
  /** Processes that wanted a core, on average over a minute, before the run began. */
  readonly loadBefore: number;
}

/** Everything a report is made of. */
export interface BenchFacts {
  readonly run: RunFacts;
  readonly cases: readonly CaseResult[];
  readonly sync: SyncFacts;
  /** Without a hop, and with one. */
  readonly parity: { readonly near: ParityFacts; readonly far: ParityFacts };
  readonly poison: PoisonFacts;
  readonly traffic: TrafficFacts;
  /** Without and with the backfill, on a server that never had use for as many WAL files. */
  readonly trafficOnNewServer: TrafficFacts;
  readonly platform: PlatformFacts;
}
