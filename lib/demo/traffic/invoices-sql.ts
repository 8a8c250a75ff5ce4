import type { App, InvoiceView } from './app.ts';
import { type Connection, type Row, textOf } from './connection.ts';

/** Where a version keeps the amount of an invoice, and in what unit. */
interface Amounts {
  readonly column: 'amount' | 'amount_cents';
  toCents(stored: string): number;
  fromCents(cents: number): number | string;
}

/** What both versions do with invoices in the same words, except for the amount. */
export function invoicesSql(
  db: Connection,
  { column, toCents, fromCents }: Amounts,
): Pick<App, 'invoices' | 'invoice' | 'revenue' | 'payInvoice' | 'correctInvoice' | 'addFee'> {
  const invoiceOf = (row: Row): InvoiceView => ({
    invoiceId: textOf(row, 'id'),
    number: textOf(row, 'number'),
    cents: toCents(textOf(row, column)),
    currency: textOf(row, 'currency'),
    status: textOf(row, 'status'),
  });
  const read = async (name: string, key: 'account_id' | 'id', value: string) => {
    const sql = `select id, number, ${column}, currency, status from invoices where ${key} = $1`;
    return (await db.run(name, sql, [value])).rows.map(invoiceOf);
  };
  const change = async (name: string, sql: string, values: readonly unknown[]) =>
    (await db.run(name, sql, values)).rowCount;
  return {
    invoices: (accountId) => read('invoices', 'account_id', accountId),
    invoice: async (invoiceId) => (await read('invoice', 'id', invoiceId))[0],
    revenue: async (accountId) => {
      const { rows } = await db.run(
        'revenue',
        `select currency, sum(${column}) as paid from invoices
         where account_id = $1 and status = 'paid' group by currency`,
        [accountId],
      );
      return new Map(rows.map((row) => [textOf(row, 'currency'), toCents(textOf(row, 'paid'))]));
    },
    payInvoice: (invoiceId) =>
      change(
        'pay_invoice',
        `update invoices set status = 'paid', paid_at = now() where id = $1 and status = 'open'`,
        [invoiceId],
      ),
    correctInvoice: (invoiceId, cents) =>
      change('correct_invoice', `update invoices set ${column} = $2 where id = $1`, [
        invoiceId,
        fromCents(cents),
      ]),
    addFee: (invoiceId, cents) =>
      change('add_fee', `update invoices set ${column} = ${column} + $2 where id = $1`, [
        invoiceId,
        fromCents(cents),
      ]),
  };
}
