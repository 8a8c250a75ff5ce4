declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** LevelDB directory; in memory when absent. */
    readonly path?: string;
    /** Milliseconds that a table stays CREATING, DELETING or UPDATING; 500 when absent. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** An HTTP server that speaks DynamoDB. */
  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}

declare module 'dynalite/db/index.js' {
  interface Refusal {
    /** What is sent as the answer. */
    readonly body: Record<string, unknown>;
  }
  interface Database {
    /** Every action asks it on this object, under the lock of the item. */
    checkConditional: (
      request: Readonly<Record<string, unknown>>,
      item: unknown,
    ) => Refusal | null | undefined;
  }
  const database: Database;
  export = database;
}

declare module 'dynalite/validations/*' {
  /** The parameters an action knows; others are dropped. */
  const validation: { readonly types: Record<string, unknown> };
  export = validation;
}
