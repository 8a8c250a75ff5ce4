import type { AccountView } from './app.ts';
import { type Row, textOf } from './connection.ts';

/** What an account's page shows, of a row that has it under the names of `accounts`. */
export function accountOf(row: Row, email: 'email' | 'billing_email'): AccountView {
  return {
    accountId: textOf(row, 'id'),
    name: textOf(row, 'name'),
    plan: textOf(row, 'plan'),
    billingEmail: textOf(row, email),
    cardToken: row['card_token'] ?? null,
  };
}
