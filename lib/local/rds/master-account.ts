import pg from 'pg';
import type { Credentials } from './records.ts';

/** Members of `rds_superuser` on RDS; more than an owner may do, far less than a superuser. */
const POWERS = ['pg_monitor', 'pg_signal_backend', 'pg_checkpoint', 'pg_create_subscription'];
/** Settings that RDS lets its master user change although PostgreSQL keeps them for superusers. */
const SETTINGS = ['session_replication_role', 'deadlock_timeout', 'log_min_duration_statement'];

/**
 * Makes the master user of a new cluster, as RDS does: a member of `rds_superuser`, which is no
 * superuser, so that a statement which needs one fails here, too. It owns the databases.
 * @param adminUrl connection string of `rdsadmin`
 */
export async function createMasterAccount(
  adminUrl: string,
  master: Credentials,
  databaseName: string | undefined,
): Promise<void> {
  const name = pg.escapeIdentifier(master.username);
  const password = pg.escapeLiteral(master.password);
  await withClient(adminUrl, async (client) => {
    await client.query('create role rds_superuser');
    await client.query(`grant ${POWERS.join(', ')} to rds_superuser with admin option`);
    await client.query(`grant set on parameter ${SETTINGS.join(', ')} to rds_superuser`);
    await client.query(
      `create role ${name} login createdb createrole password ${password} in role rds_superuser`,
    );
    await client.query(`alter database postgres owner to ${name}`);
    if (databaseName !== undefined && databaseName !== 'postgres') {
      await client.query(`create database ${pg.escapeIdentifier(databaseName)} owner ${name}`);
    }
  });
}

/** Gives the master user a new password. */
export async function changeMasterPassword(adminUrl: string, master: Credentials): Promise<void> {
  const { username, password } = master;
  await withClient(adminUrl, (client) =>
    client.query(
      `alter role ${pg.escapeIdentifier(username)} password ${pg.escapeLiteral(password)}`,
    ),
  );
}

async function withClient(
  url: string,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
