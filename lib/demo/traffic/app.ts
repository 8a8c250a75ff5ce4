/** The two versions of the application that share the database during a migration. */
export const VERSION_NAMES = ['old', 'new'] as const;
export type VersionName = (typeof VERSION_NAMES)[number];

/** What an account's page shows; the same for both versions, however they store it. */
export interface AccountView {
  readonly accountId: string;
  readonly name: string;
  readonly plan: string;
  readonly billingEmail: string;
  readonly cardToken: string | null;
}

export interface InvoiceView {
  readonly invoiceId: string;
  readonly number: string;
  /** Whole cents. */
  readonly cents: number;
  readonly currency: string;
  readonly status: string;
}

export type NewInvoice = Pick<InvoiceView, 'number' | 'cents' | 'currency'> & {
  readonly accountId: string;
};
export type Billing = Pick<AccountView, 'plan' | 'billingEmail' | 'cardToken'>;
export type NewAccount = Billing & Pick<AccountView, 'name'> & { readonly ownerEmail: string };

/**
 * One version of the application on one connection. Both versions do the same things for their
 * users; each knows only its own columns. Statements are prepared and name every column: with
 * `select *`, adding a column makes PostgreSQL refuse the prepared plan ("cached plan must not
 * change result type"), which is why careful applications do not write it.
 */
export interface App {
  readonly version: VersionName;
  /** Whether this version may serve the account; the old one serves every account. */
  serves(accountId: string): Promise<boolean>;
  account(accountId: string): Promise<AccountView | undefined>;
  invoices(accountId: string): Promise<readonly InvoiceView[]>;
  invoice(invoiceId: string): Promise<InvoiceView | undefined>;
  countUsers(accountId: string): Promise<number>;
  /** Whole cents of the account's paid invoices, by currency. */
  revenue(accountId: string): Promise<ReadonlyMap<string, number>>;
  /** @returns the new invoice's id */
  createInvoice(invoice: NewInvoice): Promise<string>;
  /** @returns how many rows were changed, as for every write below */
  payInvoice(invoiceId: string): Promise<number>;
  correctInvoice(invoiceId: string, cents: number): Promise<number>;
  addFee(invoiceId: string, cents: number): Promise<number>;
  changeBilling(accountId: string, billing: Billing): Promise<number>;
  /** @returns the new account's id; it has one user, its owner */
  openAccount(account: NewAccount): Promise<string>;
}
