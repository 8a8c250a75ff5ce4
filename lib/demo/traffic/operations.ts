import type { App, InvoiceView } from './app.ts';
import { type Knowledge, knownRevenue } from './knowledge.ts';
import type { Random } from './random.ts';
import type { SharedAccounts } from './shared-accounts.ts';
import { expectAnswer, expectOneRow } from './wrong-answer.ts';

/** What a request has at hand. */
export interface RequestContext {
  /** The version that serves the request. */
  readonly app: App;
  /** Reads what was written, through the other version when it is on and serves the account. */
  readBack<T>(read: (reader: App) => Promise<T>): Promise<T>;
  readonly accountId: string;
  readonly knowledge: Knowledge;
  readonly shared: SharedAccounts;
  readonly random: Random;
  /** A text that no other request of this or another run gets. */
  unique(): string;
}

/** Something a user does. Every response is checked against what the client knows. */
export interface Operation {
  readonly name: string;
  readonly kind: 'read' | 'write';
  /** How often, compared with the others. */
  readonly weight: number;
  /** Whose account: the client's own, one to which every client writes, or none yet. */
  readonly on: 'own' | 'shared' | 'nothing';
  /** @throws WrongAnswer when a response is not what it must be */
  run(context: RequestContext): Promise<void>;
}

const PLANS = ['free', 'starter', 'team', 'business'];
const CURRENCIES = ['USD', 'EUR', 'GBP', 'CHF', 'SEK'];

/** About two reads for each write; the weights add up to 100. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'view account',
    kind: 'read',
    weight: 30,
    on: 'own',
    run: async ({ app, accountId, knowledge }) => {
      const known = await knowledge.of(app, accountId);
      expectAnswer(`account ${accountId}`, await app.account(accountId), known.account);
      const invoices = await app.invoices(accountId);
      expectAnswer(
        `invoices of ${accountId}`,
        sorted(invoices),
        sorted([...known.invoices.values()]),
      );
    },
  },
  {
    name: 'list users',
    kind: 'read',
    weight: 15,
    on: 'own',
    run: async ({ app, accountId, knowledge }) => {
      const known = await knowledge.of(app, accountId);
      expectAnswer(`users of ${accountId}`, await app.countUsers(accountId), known.users);
    },
  },
  {
    name: 'show revenue',
    kind: 'read',
    weight: 17,
    on: 'own',
    run: async ({ app, accountId, knowledge }) => {
      const known = await knowledge.of(app, accountId);
      const revenue = await app.revenue(accountId);
      expectAnswer(`revenue of ${accountId}`, [...revenue].sort(), knownRevenue(known));
    },
  },
  {
    name: 'create invoice',
    kind: 'write',
    weight: 14,
    on: 'own',
    run: async ({ app, readBack, accountId, knowledge, random, unique }) => {
      const known = await knowledge.of(app, accountId);
      const invoice = {
        number: `T-${unique()}`,
        cents: 100 + random.below(5_000_000),
        currency: random.pick(CURRENCIES),
      };
      const invoiceId = await app.createInvoice({ accountId, ...invoice });
      const written = { invoiceId, ...invoice, status: 'open' };
      known.invoices.set(invoiceId, written);
      expectAnswer(
        `invoice ${invoiceId}`,
        await readBack((reader) => reader.invoice(invoiceId)),
        written,
      );
    },
  },
  {
    name: 'pay invoice',
    kind: 'write',
    weight: 7,
    on: 'own',
    run: (context) =>
      changeInvoice(context, 'open', async (invoice) => {
        expectOneRow('paying', await context.app.payInvoice(invoice.invoiceId));
        return { ...invoice, status: 'paid' };
      }),
  },
  {
    name: 'correct invoice',
    kind: 'write',
    weight: 6,
    on: 'own',
    run: (context) =>
      changeInvoice(context, undefined, async (invoice) => {
        const cents = 100 + context.random.below(5_000_000);
        expectOneRow('correcting', await context.app.correctInvoice(invoice.invoiceId, cents));
        return { ...invoice, cents };
      }),
  },
  {
    name: 'change billing',
    kind: 'write',
    weight: 4,
    on: 'own',
    run: async ({ app, readBack, accountId, knowledge, random, unique }) => {
      const known = await knowledge.of(app, accountId);
      const billing = newBilling(random, unique());
      expectOneRow('changing the billing', await app.changeBilling(accountId, billing));
      known.account = { ...known.account, ...billing };
      expectAnswer(
        `account ${accountId}`,
        await readBack((reader) => reader.account(accountId)),
        known.account,
      );
    },
  },
  {
    name: 'open account',
    kind: 'write',
    weight: 2,
    on: 'nothing',
    run: async ({ app, knowledge, random, unique }) => {
      const name = `Opened ${unique()}`;
      const billing = newBilling(random, unique());
      const ownerEmail = `owner-${unique()}@opened.example`;
      const accountId = await app.openAccount({ name, ...billing, ownerEmail });
      const account = { accountId, name, ...billing };
      knowledge.learn({ account, invoices: new Map(), users: 1 });
      expectAnswer(`account ${accountId}`, await app.account(accountId), account);
    },
  },
  {
    name: 'add fee',
    kind: 'write',
    weight: 4,
    on: 'shared',
    run: async ({ app, accountId, shared, random }) => {
      const cents = 1 + random.below(100);
      const invoiceId = random.pick(shared.invoiceIdsOf(accountId));
      expectOneRow('adding a fee', await app.addFee(invoiceId, cents));
      shared.feeWasAdded(invoiceId, cents);
    },
  },
  {
    name: 'change shared billing',
    kind: 'write',
    weight: 1,
    on: 'shared',
    run: async ({ app, accountId, random, unique }) => {
      const changed = await app.changeBilling(accountId, newBilling(random, unique()));
      expectOneRow('changing the billing', changed);
    },
  },
];

/** Changes one of the account's invoices, if there is a fitting one, and reads it back. */
async function changeInvoice(
  { app, readBack, accountId, knowledge, random }: RequestContext,
  status: string | undefined,
  change: (invoice: InvoiceView) => Promise<InvoiceView>,
): Promise<void> {
  const known = await knowledge.of(app, accountId);
  const fitting = [...known.invoices.values()].filter(
    (invoice) => status === undefined || invoice.status === status,
  );
  if (fitting.length === 0) return;
  const changed = await change(random.pick(fitting));
  known.invoices.set(changed.invoiceId, changed);
  const read = await readBack((reader) => reader.invoice(changed.invoiceId));
  expectAnswer(`invoice ${changed.invoiceId}`, read, changed);
}

function newBilling(random: Random, unique: string) {
  return {
    plan: random.pick(PLANS),
    billingEmail: `billing-${unique}@changed.example`,
    cardToken: random.below(4) === 0 ? null : `card_${unique}`,
  };
}

function sorted(invoices: readonly InvoiceView[]): readonly InvoiceView[] {
  return [...invoices].sort((a, b) => Number(a.invoiceId) - Number(b.invoiceId));
}
