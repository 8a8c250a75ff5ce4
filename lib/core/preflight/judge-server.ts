import { type Condition, refuse, type ServerCondition, warn } from './condition.ts';
import { GIB, gib } from './sizes.ts';

/** CONCURRENTLY waits for every transaction that is older than it, so five minutes are felt. */
export const LONG_TRANSACTION_SECONDS = 300;
/** PostgreSQL refuses writes at 2^31 - 3 million; from half of that on a vacuum cannot wait long. */
const WARN_TRANSACTION_AGE = 1_000_000_000;
const REFUSE_TRANSACTION_AGE = 1_800_000_000;
/** So much WAL, or so many transactions that see old rows, are felt in storage and in every scan. */
const MUCH_WAL_BYTES = GIB;
const OLD_SNAPSHOT_TRANSACTIONS = 1_000_000;
/** Where a backfill holds (lib/core/backfill/throttle.ts): begun now, it would only wait. */
const LONG_LAG_MS = 10_000;

/** What of the server's condition is worth saying. */
export function judgeServer(server: ServerCondition): readonly Condition[] {
  return [
    ...(server.seesOthers ? [] : [UNSEEN]),
    ...transactions(server),
    ...age(server.transactionAge),
    ...replication(server),
    ...(server.autovacuum ? [] : [AUTOVACUUM_OFF]),
  ];
}

/** Without the right pg_stat_activity shows NULL, which looks as if nobody were at work. */
const UNSEEN = warn(
  'unseen-sessions',
  'our role does not see what other roles do: long transactions, old snapshots and lagging standbys stay unseen',
  'grant pg_monitor to the role of the migration',
);

const AUTOVACUUM_OFF = warn(
  'autovacuum-off',
  'autovacuum is off on the server: nobody removes the dead rows that a backfill leaves',
  'set autovacuum = on (on RDS: in the parameter group)',
);

function transactions(server: ServerCondition): readonly Condition[] {
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
    ...server.heldSnapshots
      .filter((held) => held.age >= OLD_SNAPSHOT_TRANSACTIONS)
      .map((held) =>
        warn(
          'old-snapshot',
          `${held.holder} holds a snapshot that is ${millions(held.age)} transactions old: rows that died since then cannot be removed, those of a backfill among them`,
          'let its reader catch up, or remove it',
        ),
      ),
  ];
}

function age(transactionAge: number): readonly Condition[] {
  if (transactionAge < WARN_TRANSACTION_AGE) return [];
  const say = transactionAge < REFUSE_TRANSACTION_AGE ? warn : refuse;
  return [
    say(
      'wraparound',
      `the oldest row was frozen ${millions(transactionAge)} transactions ago; at 2,144 million the server stops writing`,
      'vacuum freeze the oldest tables first',
    ),
  ];
}

function replication({ slots, replicas }: ServerCondition): readonly Condition[] {
  return [
    ...slots.flatMap(({ name, active, lost, bytes }) => {
      const much = `${gib(bytes)} of WAL`;
      if (lost) {
        const what = `the replication slot ${name} has lost WAL that its consumer did not read`;
        return [warn('lost-slot', what, 'drop the slot, and begin its consumer anew')];
      }
      if (bytes < MUCH_WAL_BYTES) return [];
      if (active) {
        const what = `the consumer of the replication slot ${name} is ${much} behind; a backfill adds to it`;
        return [warn('slow-slot', what, 'let it catch up first')];
      }
      const what = `nobody reads the replication slot ${name}, which keeps ${much}; a backfill adds to it`;
      return [warn('stalled-slot', what, 'start its consumer, or drop the slot')];
    }),
    ...replicas
      .filter(({ lagMs }) => lagMs >= LONG_LAG_MS)
      .map(({ name, lagMs }) =>
        warn(
          'replica-lag',
          `the replica ${name} is ${Math.round(lagMs / 1000)} s behind; a backfill holds until it is not`,
          'see what keeps it busy, and let it catch up',
        ),
      ),
  ];
}

function minutes(seconds: number): string {
  return `${Math.round(seconds / 60)} min`;
}

function millions(transactions: number): string {
  return `${Math.round(transactions / 1_000_000)} million`;
}
