import { LONG_TRANSACTION_SECONDS, type ServerCondition } from '../../core/preflight/condition.ts';
import type { Session } from '../../ports/database.ts';

/** At most this many of each are named. */
const NAMED = 3;

/** The query texts of other sessions are left out on purpose: they may contain their data. */
const LONG_TRANSACTIONS = `
select a.pid, coalesce(nullif(a.application_name, ''), a.usename::text, a.backend_type) as who,
       extract(epoch from clock_timestamp() - a.xact_start)::int4 as seconds
from pg_stat_activity a
where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'
  and a.xact_start < clock_timestamp() - make_interval(secs => :seconds::int4)
order by a.xact_start limit ${NAMED}`;

const PREPARED = `
select gid::text as id, extract(epoch from clock_timestamp() - prepared)::int4 as seconds
from pg_prepared_xacts where database = current_database() order by prepared limit ${NAMED}`;

const AGE =
  'select age(datfrozenxid)::int4 as age from pg_database where datname = current_database()';

const SLOTS = `
select slot_name::text as name,
       pg_wal_lsn_diff(pg_current_wal_insert_lsn(), restart_lsn)::float8 as bytes
from pg_replication_slots where not active and restart_lsn is not null
order by bytes desc limit ${NAMED}`;

export async function readServerCondition(session: Session): Promise<ServerCondition> {
  const transactions = await session.query(LONG_TRANSACTIONS, {
    seconds: LONG_TRANSACTION_SECONDS,
  });
  const prepared = await session.query(PREPARED);
  const [age] = await session.query(AGE);
  const slots = await session.query(SLOTS);
  return {
    longTransactions: transactions.map((row) => ({
      pid: Number(row['pid']),
      who: String(row['who']),
      seconds: Number(row['seconds']),
    })),
    preparedTransactions: prepared.map((row) => ({
      id: String(row['id']),
      seconds: Number(row['seconds']),
    })),
    transactionAge: Number(age?.['age'] ?? 0),
    stalledSlots: slots.map((row) => ({
      name: String(row['name']),
      bytes: Number(row['bytes']),
    })),
  };
}
