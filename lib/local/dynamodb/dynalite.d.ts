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
