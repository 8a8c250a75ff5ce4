/**
 * Every surprise the product can report has a code here. `docs/formats.md` promises the codes
 * and the CLI's exit codes are derived from them, so a code is never reused or renamed.
 */
export const ERROR_CODES = {
  InvalidMigration: { source: 'user', retryable: false },
  InvalidConfiguration: { source: 'user', retryable: false },
  UnknownExecution: { source: 'user', retryable: false },
  UnknownMigration: { source: 'user', retryable: false },
  UnknownSnapshot: { source: 'user', retryable: false },
  NotAllowed: { source: 'user', retryable: false },
  LeaseHeld: { source: 'user', retryable: true },
  PlanChanged: { source: 'user', retryable: false },
  AlreadyDecided: { source: 'user', retryable: false },
  WrongState: { source: 'user', retryable: false },
  SnapshotsUnsupported: { source: 'user', retryable: false },
  TargetUnreachable: { source: 'system', retryable: true },
  DataApiDisabled: { source: 'user', retryable: false },
  AccessDenied: { source: 'user', retryable: false },
  Throttled: { source: 'system', retryable: true },
  Conflict: { source: 'system', retryable: true },
  StatementFailed: { source: 'user', retryable: false },
  LockTimeout: { source: 'system', retryable: true },
  OutcomeUnknown: { source: 'system', retryable: true },
  Fenced: { source: 'system', retryable: true },
  UnknownVersion: { source: 'user', retryable: false },
  LedgerCorrupt: { source: 'system', retryable: false },
  SnapshotFailed: { source: 'system', retryable: true },
  RestoreFailed: { source: 'system', retryable: true },
  EmbeddedRuntime: { source: 'system', retryable: false },
  Unsupported: { source: 'user', retryable: false },
  Internal: { source: 'system', retryable: false },
} as const satisfies Record<string, { source: 'user' | 'system'; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** What caused it, kept for the log; never shown as the message. */
  readonly cause?: unknown;
  /** What the person at the keyboard can do, in one sentence. */
  readonly fix?: string;
  /** Facts a caller may show or act on; JSON values, no secrets, no row content. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * The one exception type. `name` equals `code` because Step Functions and the SDK match on names.
 * Expected results (a lock timeout, a rejected gate) are returned outcomes, not exceptions.
 */
export class LockkeeperError extends Error {
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = code;
    this.code = code;
    this.fix = details.fix;
    this.facts = details.facts ?? {};
  }

  /** Who has to act: the user's input was wrong, or the system misbehaved. */
  get source(): 'user' | 'system' {
    return ERROR_CODES[this.code].source;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

export function isLockkeeperError(error: unknown): error is LockkeeperError {
  return error instanceof LockkeeperError;
}
