import type { ExitCode } from './exit-codes.ts';

/**
 * What every verb returns: one value, shown as text to a person and as JSON to a machine. Only
 * `bin/lockkeeper.ts` prints it and sets the exit code.
 */
export interface CommandResult {
  readonly exitCode: ExitCode;
  readonly text: string;
  /** Plain JSON; the shape of each verb is in docs/cli.md. */
  readonly value: unknown;
}
