import { type Connection, textOf } from './connection.ts';

/** Which accounts the traffic works on. */
export interface WorkingSet {
  /** For each client, accounts to which only it writes. */
  readonly own: readonly (readonly string[])[];
  /** Invoices of the accounts to which all write, by account. */
  readonly shared: ReadonlyMap<string, readonly string[]>;
}

/** Few, so that clients meet on them: with ten invoices, four in a hundred requests do. */
const SHARED_ACCOUNTS = 3;
const SHARED_INVOICES = 10;
/** Enough to touch the whole table, few enough that a client sees most of them again. */
const ACCOUNTS_PER_CLIENT = 250;

/** Chooses accounts all over the tables, by columns that every version has. */
export async function chooseWorkingSet(
  db: Connection,
  clients: number,
  seed: number,
): Promise<WorkingSet> {
  const invoices = await db.run(
    'shared_invoices',
    `select a.id as account_id, i.id from (
       select id from accounts where exists (select from invoices where account_id = accounts.id)
       order by id limit $1
     ) a, lateral (select id from invoices where account_id = a.id order by id limit $2) i`,
    [SHARED_ACCOUNTS, Math.ceil(SHARED_INVOICES / SHARED_ACCOUNTS)],
  );
  const shared = Map.groupBy(invoices.rows, (row) => textOf(row, 'account_id'));
  const accounts = await db.run(
    'own_accounts',
    `select id from accounts where not (id = any ($1::bigint[]))
     order by hashint8extended(id, $2::bigint) limit $3`,
    [[...shared.keys()], seed, clients * ACCOUNTS_PER_CLIENT],
  );
  const ids = accounts.rows.map((row) => textOf(row, 'id'));
  return {
    own: Array.from({ length: clients }, (_, client) =>
      ids.filter((_, index) => index % clients === client),
    ),
    shared: new Map(
      [...shared].map(([accountId, rows]) => [accountId, rows.map((row) => textOf(row, 'id'))]),
    ),
  };
}
