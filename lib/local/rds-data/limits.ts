/**
 * What one call or one transaction may use. The defaults are the numbers of the Aurora user guide
 * ("Limitations", "Calling the Data API", "Processing results in JSON"); tests lower them.
 */
export interface DataApiLimits {
  /** Longest run of one call. @default 45000 */
  readonly statementMs: number;
  /** A transaction nobody uses for this long is rolled back. @default 180000 */
  readonly transactionIdleMs: number;
  /** Longest life of a transaction. @default 86400000 (24 hours) */
  readonly transactionTotalMs: number;
  /** Largest result, counted as PostgreSQL sends it. @default 1048576 (1 MiB) */
  readonly resultBytes: number;
  /** Largest row. @default 65536 (64 KB) */
  readonly rowBytes: number;
  /** Largest JSON text with `formatRecordsAs: JSON`. @default 10000000 (10 MB) */
  readonly jsonBytes: number;
  /** Largest HTTP request, headers included. @default 4194304 (4 MiB) */
  readonly requestBytes: number;
}

export const AWS_LIMITS: DataApiLimits = {
  statementMs: 45_000,
  transactionIdleMs: 3 * 60_000,
  transactionTotalMs: 24 * 60 * 60_000,
  resultBytes: 1024 * 1024,
  rowBytes: 64 * 1024,
  jsonBytes: 10_000_000,
  requestBytes: 4 * 1024 * 1024,
};
