/** Something about the target, as it is now, that the migration would meet. */
export interface Condition {
  /** Stable kebab-case name, such as `long-transaction`. */
  readonly kind: ConditionKind;
  /** `refuse`: a step would fail for certain, so nothing is begun. `warn`: said, and gone on. */
  readonly severity: 'refuse' | 'warn';
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
  | 'unanswered';

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
  /** Replication slots that nobody reads, and the WAL that they keep. */
  readonly stalledSlots: readonly { readonly name: string; readonly bytes: number }[];
}

export interface TableCondition {
  readonly table: string;
  /** Undefined when our role may do what its owner may. */
  readonly foreignOwner: string | undefined;
  readonly invalidIndexes: readonly string[];
  readonly disabledTriggers: readonly string[];
  /** Share of rows that are dead, 0 to 1; undefined when there are no statistics. */
  readonly deadShare: number | undefined;
}

/** CONCURRENTLY waits for every transaction that is older than it, so five minutes are felt. */
export const LONG_TRANSACTION_SECONDS = 300;
/** PostgreSQL refuses writes at 2^31 - 3 million; from half of that on a vacuum cannot wait long. */
const WARN_TRANSACTION_AGE = 1_000_000_000;
const REFUSE_TRANSACTION_AGE = 1_800_000_000;
const STALLED_SLOT_BYTES = 1024 ** 3;
/** A backfill writes every row once more; a table this full of dead rows should be vacuumed first. */
const DEAD_SHARE = 0.3;

/** What of the server's condition is worth saying. */
export function judgeServer(server: ServerCondition): readonly Condition[] {
  const { transactionAge: age } = server;
  return [
    ...server.longTransactions.map(({ pid, who, seconds }) =>
      warn(
        'long-transaction',
        `a transaction of ${who} (pid ${pid}) has been open for ${minutes(seconds)}: indexes that are built concurrently wait for it`,
        'wait until it ends, or end it',
      ),
    ),
    ...server.preparedTransactions.map(({ id, seconds }) =>
      warn(
        'prepared-transaction',
        `the prepared transaction ${id} is ${minutes(seconds)} old and keeps its locks until somebody ends it`,
        `commit prepared '${id}', or rollback prepared '${id}'`,
      ),
    ),
    ...(age < WARN_TRANSACTION_AGE
      ? []
      : [
          {
            kind: 'wraparound',
            severity: age < REFUSE_TRANSACTION_AGE ? 'warn' : 'refuse',
            message: `the oldest row was frozen ${Math.round(age / 1_000_000)} million transactions ago; at 2,144 million the server stops writing`,
            fix: 'vacuum freeze the oldest tables first',
          } as const,
        ]),
    ...server.stalledSlots
      .filter(({ bytes }) => bytes >= STALLED_SLOT_BYTES)
      .map(({ name, bytes }) =>
        warn(
          'stalled-slot',
          `nobody reads the replication slot ${name}, which keeps ${(bytes / STALLED_SLOT_BYTES).toFixed(1)} GiB of WAL; a backfill adds to it`,
          'start its consumer, or drop the slot',
        ),
      ),
  ];
}

/** What of a table's condition is worth saying. */
export function judgeTable(table: TableCondition): readonly Condition[] {
  return [
    ...(table.foreignOwner === undefined
      ? []
      : [
          {
            kind: 'not-owner',
            severity: 'refuse',
            message: `${table.table} belongs to ${table.foreignOwner}, and only its owner may change it`,
            fix: `grant ${table.foreignOwner} to the role of the migration, or alter the owner`,
          } as const,
        ]),
    ...table.invalidIndexes.map((index) =>
      warn(
        'invalid-index',
        `the index ${index} of ${table.table} is invalid: every write maintains it and no query uses it`,
        `reindex index concurrently ${index}, or drop index concurrently ${index}`,
      ),
    ),
    ...table.disabledTriggers.map((trigger) =>
      warn(
        'disabled-trigger',
        `the trigger ${trigger} of ${table.table} is disabled`,
        'make sure that it should be: the backfill does not run it either',
      ),
    ),
    ...(table.deadShare === undefined || table.deadShare < DEAD_SHARE
      ? []
      : [
          warn(
            'dead-rows',
            `${Math.round(table.deadShare * 100)}% of the rows of ${table.table} are dead`,
            'vacuum it first, or see why autovacuum does not',
          ),
        ]),
  ];
}

function warn(kind: ConditionKind, message: string, fix: string): Condition {
  return { kind, severity: 'warn', message, fix };
}

function minutes(seconds: number): string {
  return `${Math.round(seconds / 60)} min`;
}
