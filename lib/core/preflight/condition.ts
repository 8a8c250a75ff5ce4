/** Something about the target, as it is now, that the migration would meet. */
export interface Condition {
  /** Stable kebab-case name, such as `long-transaction`. */
  readonly kind: ConditionKind;
  /**
   * `refuse`: a step would fail for certain, so nothing is begun. `warn`: said, and gone on.
   * `advise`: nothing is wrong, the plan could be cheaper; said by `plan` alone.
   */
  readonly severity: 'refuse' | 'warn' | 'advise';
  /** In plain words, lowercase, with what was found. */
  readonly message: string;
  readonly fix: string;
}

export type ConditionKind =
  | 'not-owner'
  | 'long-transaction'
  | 'prepared-transaction'
  | 'wraparound'
  | 'stalled-slot'
  | 'invalid-index'
  | 'disabled-trigger'
  | 'dead-rows'
  | 'duplicates'
  | 'nulls'
  | 'orphans'
  | 'unanswered'
  | 'unseen-sessions'
  | 'old-snapshot'
  | 'slow-slot'
  | 'lost-slot'
  | 'replica-lag'
  | 'autovacuum-off'
  | 'wraparound-vacuum'
  | 'privilege'
  | 'extension'
  | 'storage'
  | 'wal-files'
  | 'still-used'
  | 'indexed-backfill'
  | 'fillfactor'
  | 'drift';

/** What a server that takes part in a migration should look like. */
export interface ServerCondition {
  /** Transactions of others that began a while ago, oldest first. */
  readonly longTransactions: readonly {
    readonly pid: number;
    readonly who: string;
    readonly seconds: number;
  }[];
  /** Of two-phase commits that nobody ended, oldest first. */
  readonly preparedTransactions: readonly { readonly id: string; readonly seconds: number }[];
  /** Transactions since the oldest row of the database was frozen. */
  readonly transactionAge: number;
  /** False: transactions, snapshots and standbys of other roles are hidden from our role. */
  readonly seesOthers: boolean;
  /** What keeps dead rows from being removed without being a transaction, oldest first. */
  readonly heldSnapshots: readonly {
    /** Such as `the replication slot s`. */
    readonly holder: string;
    /** In transactions. */
    readonly age: number;
  }[];
  /** Replication slots that keep WAL, the one that keeps most first. */
  readonly slots: readonly {
    readonly name: string;
    /** Whether somebody reads it now. */
    readonly active: boolean;
    /** WAL was removed that its reader had not read: it has to begin anew. */
    readonly lost: boolean;
    readonly bytes: number;
  }[];
  /** Replicas that are behind, the slowest first. */
  readonly replicas: readonly { readonly name: string; readonly lagMs: number }[];
  readonly autovacuum: boolean;
}

export interface TableCondition {
  readonly table: string;
  /** Undefined when our role may do what its owner may. */
  readonly foreignOwner: string | undefined;
  readonly invalidIndexes: readonly string[];
  readonly disabledTriggers: readonly string[];
  /** Privileges that a step needs and our role has not. */
  readonly lacking: readonly string[];
  /** Share of rows that are dead, 0 to 1; undefined when there are no statistics. */
  readonly deadShare: number | undefined;
  /** False: its storage parameters turn autovacuum off. */
  readonly autovacuum: boolean;
  /** A vacuum is at work on it that does not give way to a lock. */
  readonly wraparoundVacuum: boolean;
  /** Age of its oldest row against autovacuum_freeze_max_age; from 1 on such a vacuum begins. */
  readonly freezeShare: number;
}

/** Said, and gone on. */
export function warn(kind: ConditionKind, message: string, fix: string): Condition {
  return { kind, severity: 'warn', message, fix };
}

/** A step would fail for certain. */
export function refuse(kind: ConditionKind, message: string, fix: string): Condition {
  return { kind, severity: 'refuse', message, fix };
}

/** Nothing is wrong; its author may want to know what would be cheaper. */
export function advise(kind: ConditionKind, message: string, fix: string): Condition {
  return { kind, severity: 'advise', message, fix };
}
