import type { CountedStatement } from '../core/activity/find-users.ts';

/** What the target remembers of the statements that ran there. */
export type CountedStatements =
  | { readonly kind: 'counted'; readonly statements: readonly CountedStatement[] }
  /** Why nothing is known, in plain words. */
  | { readonly kind: 'unknown'; readonly why: string };

/** How often an index was used, since the server's statistics began. */
export interface IndexScans {
  readonly index: string;
  readonly scans: number;
  /** As PostgreSQL prints it; undefined before PostgreSQL 16. */
  readonly lastScan: string | undefined;
}
