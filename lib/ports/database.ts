/**
 * The target database, as the engine sees it. Two adapters exist: the RDS Data API (aws) and a
 * direct connection (local, for tests and the benchmark). Both keep one contract, and one test
 * suite (test/ports/database-contract.ts) holds them to it.
 */
export type ParameterValue = string | number | boolean | null;
export type Parameters = Readonly<Record<string, ParameterValue>>;

/**
 * int2, int4, float4 and float8 arrive as numbers, boolean as booleans, everything else (int8,
 * numeric, json, timestamps, uuid) as the text PostgreSQL prints in UTC. The Data API may pad the
 * fraction of a second with zeros: cast a time to text where its exact digits matter. Queries cast
 * to text what the Data API cannot return: bytea, arrays, enums, intervals, catalog types.
 */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

export interface Session {
  /**
   * Runs one statement and returns its rows. The whole result is at most 1 MiB: page what is larger.
   * @param sql one statement; may contain `:name` for each parameter. Strings are bound as text and
   *   whole numbers as int8, so cast where that does not fit (`:id::uuid`)
   * @throws DatabaseError; LockkeeperError DataApiDisabled when the cluster's Data API is off
   */
  query(sql: string, parameters?: Parameters): Promise<readonly Row[]>;
  /**
   * Runs one statement and returns the number of rows it changed; 0 for DDL and for a statement that
   * returns rows (SELECT, RETURNING), which belongs into `query`. @throws as `query`
   */
  execute(sql: string, parameters?: Parameters): Promise<number>;
}

export interface Database extends Session {
  /**
   * Runs `work` in one transaction of the role's default isolation, READ COMMITTED unless it was
   * altered: commits when it resolves, rolls back when it throws, and then throws that very error.
   * A failed statement dooms the transaction, savepoints or not, because the Data API allows nothing
   * but a rollback after it. Transactions do not nest, and run one statement at a time.
   * @throws DatabaseError of kind `outcome-unknown` when the answer to COMMIT is lost
   */
  transaction<T>(work: (tx: Session) => Promise<T>): Promise<T>;
  /**
   * Runs one statement outside a transaction and lets it outlive the call (the Data API gives up
   * waiting after 45 s and lets it run on). `submitted` means: ask the catalog how it ended.
   */
  submit(sql: string): Promise<'finished' | 'submitted'>;
  /** Releases connections; a closed database is not used again. */
  close(): Promise<void>;
}

/** What went wrong, in the terms that decide what to do next. */
export type DatabaseErrorKind =
  /** 55P03: the lock was not granted in time; nothing happened. */
  | 'lock-timeout'
  /** 40P01, 40001: rolled back by the server; the same transaction may simply be tried again. */
  | 'serialization'
  /** 57014 from statement_timeout or a cancel request; the statement was undone. */
  | 'cancelled'
  /** 42P07, 42701, 42710, 42P06, 42723: what should be created exists. */
  | 'already-exists'
  /** 42P01, 42703, 42704, 42883, 3F000: what was named does not exist. */
  | 'does-not-exist'
  /** Class 23: the data contradicts a constraint. */
  | 'constraint'
  /** 42501, 28xxx: the role may not do this, or the credentials are wrong. */
  | 'denied'
  /** 25006: the server became read-only (failover). */
  | 'read-only'
  /** 53xxx, 54xxx: out of disk, memory, connections. */
  | 'resources'
  /** No answer, a reset connection, 08xxx, 57P0x: the statement may or may not have run. */
  | 'outcome-unknown'
  /** The target cannot be reached at all, so the statement did not run. */
  | 'unreachable'
  /** Any other SQL error: syntax, type, undefined function. */
  | 'statement';

export interface DatabaseErrorDetails {
  readonly sqlstate?: string;
  /** 1-based character position in the SQL, where the server gave one. */
  readonly position?: number;
  /** The server's DETAIL, such as `Key (id)=(7) already exists.`, where it was sent. */
  readonly detail?: string;
  readonly constraint?: string;
  readonly cause?: unknown;
}

/** The only error a Session throws for what the server or the way to it did. */
export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind;
  readonly sqlstate: string | undefined;
  readonly position: number | undefined;
  readonly detail: string | undefined;
  readonly constraint: string | undefined;

  constructor(kind: DatabaseErrorKind, message: string, details: DatabaseErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DatabaseError';
    this.kind = kind;
    this.sqlstate = details.sqlstate;
    this.position = details.position;
    this.detail = details.detail;
    this.constraint = details.constraint;
  }
}

/**
 * Whether the server, or the way to it, was in trouble that passes by itself, such as a failover: the
 * same work, done again a little later from what is durable, may well succeed.
 */
export function isPassing(error: DatabaseError): boolean {
  switch (error.kind) {
    case 'serialization':
    case 'read-only':
    case 'outcome-unknown':
    case 'unreachable':
      return true;
    default:
      return false;
  }
}

/** Maps a SQLSTATE to what it means for us; the one table of it. */
export function databaseErrorKindOf(sqlstate: string, message = ''): DatabaseErrorKind {
  switch (sqlstate) {
    case '55P03':
      return 'lock-timeout';
    case '40P01':
    case '40001':
      return 'serialization';
    case '57014':
      return 'cancelled';
    case '42P07':
    case '42701':
    case '42710':
    case '42P06':
    case '42723':
      return 'already-exists';
    case '42P01':
    case '42703':
    case '42704':
    case '42883':
    case '3F000':
      return 'does-not-exist';
    case '42501':
      return 'denied';
    case '25006':
      return 'read-only';
    case '3D000':
      return 'unreachable';
  }
  // The Data API says "Request timed out" without a SQLSTATE when its 45 s are over.
  if (/timed out/i.test(message) && sqlstate === '') return 'outcome-unknown';
  switch (sqlstate.slice(0, 2)) {
    case '23':
      return 'constraint';
    case '28':
      return 'denied';
    case '53':
    case '54':
      return 'resources';
    case '08':
    case '57':
      return 'outcome-unknown';
    default:
      return 'statement';
  }
}
