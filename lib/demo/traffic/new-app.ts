import { accountOf } from './account-of.ts';
import type { App, Billing } from './app.ts';
import { type Connection, textOf } from './connection.ts';
import { invoicesSql } from './invoices-sql.ts';
import { addOwner, countUsers } from './users-sql.ts';

/** The version with billing: plans, cards and cents are where the migration puts them. */
export function newApp(db: Connection): App {
  return {
    version: 'new',
    // What a feature flag would ask: has everything of this account been moved? Once it is, the
    // migration's triggers keep it so.
    serves: async (accountId) => {
      const { rows } = await db.run(
        'serves',
        `select exists (select from subscriptions s
             join billing_accounts b on b.id = s.billing_account_id where s.account_id = $1)
           and not exists (select from invoices where account_id = $1 and amount_cents is null)
           as moved`,
        [accountId],
      );
      return textOf(rows[0], 'moved') === 't';
    },
    account: async (accountId) => {
      const { rows } = await db.run(
        'account',
        `select a.id, a.name, s.plan, b.email, b.card_token
         from accounts a
         join subscriptions s on s.account_id = a.id
         join billing_accounts b on b.id = s.billing_account_id
         where a.id = $1`,
        [accountId],
      );
      return rows[0] && accountOf(rows[0], 'email');
    },
    ...invoicesSql(db, {
      column: 'amount_cents',
      toCents: Number,
      fromCents: (cents) => cents,
    }),
    countUsers: (accountId) => countUsers(db, accountId),
    createInvoice: async ({ accountId, number, cents, currency }) => {
      const { rows } = await db.run(
        'create_invoice',
        `insert into invoices (account_id, billing_account_id, number, amount_cents, currency)
         select s.account_id, s.billing_account_id, $2, $3, $4
         from subscriptions s where s.account_id = $1
         returning id`,
        [accountId, number, cents, currency],
      );
      return textOf(rows[0], 'id');
    },
    changeBilling: (accountId, billing) => changeBilling(db, accountId, billing),
    openAccount: ({ name, ownerEmail, ...billing }) =>
      db.transaction(async () => {
        const { rows } = await db.run(
          'open_account',
          `insert into accounts (name, country) values ($1, 'US') returning id`,
          [name],
        );
        const accountId = textOf(rows[0], 'id');
        await db.run(
          'open_billing_account',
          `insert into billing_accounts (id, email, card_token, created_at)
           values ($1, $2, $3, now())`,
          [accountId, billing.billingEmail, billing.cardToken],
        );
        await db.run(
          'open_subscription',
          `insert into subscriptions (account_id, billing_account_id, plan, started_at)
           values ($1, $1, $2, now())`,
          [accountId, billing.plan],
        );
        await addOwner(db, accountId, ownerEmail);
        return accountId;
      }),
  };
}

/**
 * Every change of billing locks its account first. Two tables hold an account's billing, so their
 * writers need one order; the old version's UPDATE of the account takes the same lock first.
 */
function changeBilling(db: Connection, accountId: string, billing: Billing): Promise<number> {
  return db.transaction(async () => {
    await db.run('lock_account', 'select id from accounts where id = $1 for no key update', [
      accountId,
    ]);
    const payer = await db.run(
      'change_payer',
      `update billing_accounts b set email = $2, card_token = $3
       from subscriptions s where s.account_id = $1 and b.id = s.billing_account_id`,
      [accountId, billing.billingEmail, billing.cardToken],
    );
    const plan = await db.run(
      'change_plan',
      'update subscriptions set plan = $2 where account_id = $1',
      [accountId, billing.plan],
    );
    return Math.min(payer.rowCount, plan.rowCount);
  });
}
