import type { App, InvoiceView } from './app.ts';
import { type Connection, type Row, textOf } from './connection.ts';
import { amountOf, centsOf } from './money.ts';
import { addOwner, countUsers } from './users-sql.ts';

const INVOICE = 'id, number, amount, currency, status';

/** The version from before billing: it knows accounts, users and invoices as they started. */
export function oldApp(db: Connection): App {
  const change = async (name: string, sql: string, values: readonly unknown[]) =>
    (await db.run(name, sql, values)).rowCount;
  return {
    version: 'old',
    serves: async () => true,
    account: async (accountId) => {
      const { rows } = await db.run(
        'account',
        'select id, name, plan, billing_email, card_token from accounts where id = $1',
        [accountId],
      );
      return (
        rows[0] && {
          accountId: textOf(rows[0], 'id'),
          name: textOf(rows[0], 'name'),
          plan: textOf(rows[0], 'plan'),
          billingEmail: textOf(rows[0], 'billing_email'),
          cardToken: rows[0]['card_token'] ?? null,
        }
      );
    },
    invoices: async (accountId) => {
      const sql = `select ${INVOICE} from invoices where account_id = $1`;
      return (await db.run('invoices', sql, [accountId])).rows.map(invoiceOf);
    },
    invoice: async (invoiceId) => {
      const sql = `select ${INVOICE} from invoices where id = $1`;
      return (await db.run('invoice', sql, [invoiceId])).rows.map(invoiceOf)[0];
    },
    countUsers: (accountId) => countUsers(db, accountId),
    revenue: async (accountId) => {
      const { rows } = await db.run(
        'revenue',
        `select currency, sum(amount) as paid from invoices
         where account_id = $1 and status = 'paid' group by currency`,
        [accountId],
      );
      return new Map(rows.map((row) => [textOf(row, 'currency'), centsOf(textOf(row, 'paid'))]));
    },
    createInvoice: async ({ accountId, number, cents, currency }) => {
      const { rows } = await db.run(
        'create_invoice',
        `insert into invoices (account_id, number, amount, currency)
         values ($1, $2, $3, $4) returning id`,
        [accountId, number, amountOf(cents), currency],
      );
      return textOf(rows[0], 'id');
    },
    payInvoice: (invoiceId) =>
      change(
        'pay_invoice',
        `update invoices set status = 'paid', paid_at = now() where id = $1 and status = 'open'`,
        [invoiceId],
      ),
    correctInvoice: (invoiceId, cents) =>
      change('correct_invoice', 'update invoices set amount = $2 where id = $1', [
        invoiceId,
        amountOf(cents),
      ]),
    addFee: (invoiceId, cents) =>
      change('add_fee', 'update invoices set amount = amount + $2 where id = $1', [
        invoiceId,
        amountOf(cents),
      ]),
    changeBilling: (accountId, { plan, billingEmail, cardToken }) =>
      change(
        'change_billing',
        'update accounts set plan = $2, billing_email = $3, card_token = $4 where id = $1',
        [accountId, plan, billingEmail, cardToken],
      ),
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

function invoiceOf(row: Row): InvoiceView {
  return {
    invoiceId: textOf(row, 'id'),
    number: textOf(row, 'number'),
    cents: centsOf(textOf(row, 'amount')),
    currency: textOf(row, 'currency'),
    status: textOf(row, 'status'),
  };
}
