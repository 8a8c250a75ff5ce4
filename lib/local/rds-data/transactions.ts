import { randomBytes } from 'node:crypto';
import type { AwsError } from '../http/aws-error.ts';
import { databaseError, type MissingTransaction, transactionNotFound } from './errors.ts';
import type { DataApiLimits } from './limits.ts';
import type { Session } from './sessions.ts';

/** A transaction between BeginTransaction and its end. */
export interface Transaction {
  readonly id: string;
  readonly resourceArn: string;
  readonly database: string;
  readonly session: Session;
}

/**
 * The open transactions of one Data API server.
 *
 * open --claim--> busy --free--> open        one call at a time; the idle clock runs while open
 * open --idle or total time over--> expired  rolled back
 * busy --statement failed--> aborted         only `end` is possible
 * any  --end--> ended                        committed or rolled back
 */
export interface Transactions {
  open(session: Session, resourceArn: string, database: string): Transaction;
  /**
   * Takes the transaction for one call.
   * @param purpose an aborted transaction can only be rolled back
   * @throws AwsError when it is unknown, expired, ended, aborted or busy
   */
  claim(id: string, resourceArn: string, purpose: 'use' | 'roll-back'): Transaction;
  /** The call is over: starts the idle clock, or notes that its statement failed. */
  free(id: string): void;
  /** Forgets a claimed transaction; its session is the caller's to release. */
  end(id: string): void;
  close(): Promise<void>;
}

type Entry =
  | {
      kind: 'live';
      readonly transaction: Transaction;
      readonly bornAt: number;
      busy: boolean;
      timer: NodeJS.Timeout | undefined;
    }
  | { readonly kind: 'gone'; readonly why: MissingTransaction };

/** @param limits how long a transaction may idle and live */
export function openTransactions(limits: DataApiLimits): Transactions {
  const entries = new Map<string, Entry>();

  const refuse = (id: string, why: MissingTransaction): AwsError => transactionNotFound(id, why);

  const live = (id: string): Extract<Entry, { kind: 'live' }> => {
    const entry = entries.get(id);
    if (entry?.kind === 'live') return entry;
    throw refuse(id, entry?.why ?? 'expired');
  };

  const expire = (id: string): void => {
    const entry = entries.get(id);
    entries.set(id, { kind: 'gone', why: 'expired' });
    if (entry?.kind === 'live') void entry.transaction.session.release();
  };

  const startClock = (entry: Extract<Entry, { kind: 'live' }>): void => {
    const left = entry.bornAt + limits.transactionTotalMs - Date.now();
    const idle = Math.max(0, Math.min(limits.transactionIdleMs, left));
    entry.timer = setTimeout(expire, idle, entry.transaction.id);
    entry.timer.unref();
  };

  return {
    open: (session, resourceArn, database) => {
      const id = randomBytes(96).toString('base64');
      const transaction = { id, resourceArn, database, session };
      const entry: Entry = {
        kind: 'live',
        transaction,
        bornAt: Date.now(),
        busy: false,
        timer: undefined,
      };
      entries.set(id, entry);
      startClock(entry);
      return transaction;
    },
    claim: (id, resourceArn, purpose) => {
      const entry = live(id);
      if (entry.transaction.resourceArn !== resourceArn) throw refuse(id, 'expired');
      if (entry.busy) throw databaseError('Transaction is still running a query');
      const state = entry.transaction.session.client.getTransactionStatus();
      if (purpose === 'use' && state === 'E') throw refuse(id, 'aborted');
      clearTimeout(entry.timer);
      entry.busy = true;
      return entry.transaction;
    },
    free: (id) => {
      const entry = entries.get(id);
      // The whole server may have been closed while a statement was running.
      if (entry?.kind !== 'live') return;
      entry.busy = false;
      const state = entry.transaction.session.client.getTransactionStatus();
      if (state === 'I') {
        // The statement itself was a COMMIT or ROLLBACK: the transaction is over.
        entries.set(id, { kind: 'gone', why: 'ended' });
        void entry.transaction.session.release();
        return;
      }
      startClock(entry);
    },
    end: (id) => {
      clearTimeout(live(id).timer);
      entries.set(id, { kind: 'gone', why: 'ended' });
    },
    close: async () => {
      const open = [...entries.values()].filter((entry) => entry.kind === 'live');
      entries.clear();
      for (const entry of open) clearTimeout(entry.timer);
      await Promise.all(open.map((entry) => entry.transaction.session.release()));
    },
  };
}
