/** What the runtime's process is told on its command line. */
export interface RuntimeOptions {
  readonly stateDirectory: string;
  /** How much of each Wait and Retry delay really passes. */
  readonly waitScale: number;
  /** A PostgreSQL that survives the runtime. @default - an embedded one, which does not */
  readonly databaseUrl?: string;
  /** @default - it lives until it is told to end */
  readonly kill?: {
    /** The n-th call of an AWS service that a function makes, from 1. */
    readonly call: number;
    readonly when: 'before' | 'during' | 'after';
    /** For `during`: how long after its beginning. */
    readonly delayMs: number;
    /** PostgreSQL is killed first; otherwise it sees its parent gone and shuts down. */
    readonly withDatabase: boolean;
  };
}

/** What it says, one JSON line each. */
export type RuntimeWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'calls'; readonly calls: number };

/** No fsync: processes are killed, not the machine. Commits stay synchronous. */
export const KILLED_RUNTIME_SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
} as const;
