import type { App } from './app.ts';
import { WrongAnswer } from './wrong-answer.ts';

/**
 * Accounts to which every client writes through every version, to have real contention on rows.
 * What such a row holds at a given moment nobody knows, but fees only ever add up: at the end each
 * invoice must be worth what it was plus every fee, or an update was lost.
 */
export interface SharedAccounts {
  readonly accountIds: readonly string[];
  invoiceIdsOf(accountId: string): readonly string[];
  feeWasAdded(invoiceId: string, cents: number): void;
  /**
   * Compares each invoice with what it must be worth; call it when no request is running.
   * @throws WrongAnswer with the first difference
   */
  audit(app: App): Promise<void>;
}

/**
 * @param invoices ids of the accounts' invoices, by account
 * @param app reads what the invoices are worth now
 */
export async function sharedAccountsOf(
  invoices: ReadonlyMap<string, readonly string[]>,
  app: App,
): Promise<SharedAccounts> {
  const expected = new Map<string, number>();
  for (const invoiceId of [...invoices.values()].flat()) {
    expected.set(invoiceId, await centsOfInvoice(app, invoiceId));
  }
  return {
    accountIds: [...invoices.keys()],
    invoiceIdsOf: (accountId) => invoices.get(accountId) ?? [],
    feeWasAdded: (invoiceId, cents) => {
      expected.set(invoiceId, (expected.get(invoiceId) ?? 0) + cents);
    },
    audit: async (reader) => {
      for (const [invoiceId, cents] of expected) {
        const found = await centsOfInvoice(reader, invoiceId);
        if (found !== cents) {
          throw new WrongAnswer(
            `shared invoice ${invoiceId} is worth ${found} cents, with all fees it must be ${cents}`,
          );
        }
      }
    },
  };
}

async function centsOfInvoice(app: App, invoiceId: string): Promise<number> {
  const invoice = await app.invoice(invoiceId);
  if (invoice === undefined) throw new WrongAnswer(`shared invoice ${invoiceId} is missing`);
  return invoice.cents;
}
