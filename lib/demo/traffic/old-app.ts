import { accountOf } from './account-of.ts';
import type { App } from './app.ts';
import { type Connection, textOf } from './connection.ts';
import { invoicesSql } from './invoices-sql.ts';
import { amountOf, centsOf } from './money.ts';
import { addOwner, countUsers } from './users-sql.ts';

/** The version from before billing: it knows accounts, users and invoices as they started. */
export function oldApp(db: Connection): App {
  return {
    version: 'old',
    serves: async () => true,
    account: async (accountId) => {
      const { rows } = await db.run(
        'account',
        'select id, name, plan, billing_email, card_token from accounts where id = $1',
        [accountId],
      );
      return rows[0] && accountOf(rows[0], 'billing_email');
    },
    ...invoicesSql(db, { column: 'amount', toCents: centsOf, fromCents: amountOf }),
    countUsers: (accountId) => countUsers(db, accountId),
    createInvoice: async ({ accountId, number, cents, currency }) => {
      const { rows } = await db.run(
        'create_invoice',
        `insert into invoices (account_id, number, amount, currency)
         values ($1, $2, $3, $4) returning id`,
        [accountId, number, amountOf(cents), currency],
      );
      return textOf(rows[0], 'id');
    },
    changeBilling: async (accountId, { plan, billingEmail, cardToken }) => {
      const { rowCount } = await db.run(
        'change_billing',
        'update accounts set plan = $2, billing_email = $3, card_token = $4 where id = $1',
        [accountId, plan, billingEmail, cardToken],
      );
      return rowCount;
    },
    openAccount: ({ name, plan, billingEmail, cardToken, ownerEmail }) =>
      db.transaction(async () => {
        const { rows } = await db.run(
          'open_account',
          `insert into accounts (name, country, plan, billing_email, card_token)
           values ($1, 'US', $2, $3, $4) returning id`,
          [name, plan, billingEmail, cardToken],
        );
        const accountId = textOf(rows[0], 'id');
        await addOwner(db, accountId, ownerEmail);
        return accountId;
      }),
  };
}
