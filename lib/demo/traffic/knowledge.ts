import type { AccountView, App, InvoiceView } from './app.ts';
import { WrongAnswer } from './wrong-answer.ts';

/** What a client knows about one of its accounts: nobody else writes to it. */
export interface KnownAccount {
  account: AccountView;
  readonly invoices: Map<string, InvoiceView>;
  readonly users: number;
}

/**
 * What one client knows to be true. Each client has accounts of its own; what it reads once, and
 * what it writes from then on, every later response must agree with, whichever version gives it.
 */
export interface Knowledge {
  /** Ids of the accounts that belong to this client; grows as it opens more. */
  readonly accountIds: readonly string[];
  /** What is known about an account; read through the app when nothing is known yet. */
  of(app: App, accountId: string): Promise<KnownAccount>;
  /** Adds an account that this client has opened. */
  learn(known: KnownAccount): void;
  /** After a failed request it is open whether its write took place: ask again. */
  forget(accountId: string): void;
}

/** @param ownAccountIds accounts to which no other client writes */
export function knowledgeOf(ownAccountIds: readonly string[]): Knowledge {
  const accountIds = [...ownAccountIds];
  const known = new Map<string, KnownAccount>();
  return {
    accountIds,
    of: async (app, accountId) => {
      const found = known.get(accountId) ?? (await read(app, accountId));
      known.set(accountId, found);
      return found;
    },
    learn: (account) => {
      accountIds.push(account.account.accountId);
      known.set(account.account.accountId, account);
    },
    forget: (accountId) => known.delete(accountId),
  };
}

async function read(app: App, accountId: string): Promise<KnownAccount> {
  const account = await app.account(accountId);
  if (account === undefined) throw new WrongAnswer(`account ${accountId} is missing`);
  const invoices = await app.invoices(accountId);
  return {
    account,
    invoices: new Map(invoices.map((invoice) => [invoice.invoiceId, invoice])),
    users: await app.countUsers(accountId),
  };
}

/** Whole cents of the paid invoices by currency, in the order of the currencies. */
export function knownRevenue({ invoices }: KnownAccount): readonly (readonly [string, number])[] {
  const revenue = new Map<string, number>();
  for (const { status, currency, cents } of invoices.values()) {
    if (status === 'paid') revenue.set(currency, (revenue.get(currency) ?? 0) + cents);
  }
  return [...revenue].sort();
}
