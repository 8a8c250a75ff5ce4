import { type Connection, textOf } from './connection.ts';

/** Users are the same for both versions. */
export async function countUsers(db: Connection, accountId: string): Promise<number> {
  const answer = await db.run(
    'count_users',
    'select count(*) as users from users where account_id = $1',
    [accountId],
  );
  return Number(textOf(answer.rows[0], 'users'));
}

/** Adds the first user of an account. */
export async function addOwner(db: Connection, accountId: string, email: string): Promise<void> {
  await db.run(
    'add_owner',
    `insert into users (account_id, email, full_name, role) values ($1, $2, 'New Owner', 'owner')`,
    [accountId, email],
  );
}
