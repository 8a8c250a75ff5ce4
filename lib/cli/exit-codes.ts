import type { ErrorCode } from '../core/errors.ts';
import type { ExecutionStatus } from '../core/executions/execution.ts';

/**
 * What the shell sees. These numbers are an interface (docs/cli.md): a pipeline branches on them.
 * Waiting at a gate is not a failure, so it has no number of its own: `start` without `--wait`
 * ends with 0 once the execution is on its way.
 */
export const EXIT_CODES = {
  ok: 0,
  /** Something nobody expected; the message says what. */
  unexpected: 1,
  /** The command line, a file or the configuration is wrong; nothing was done. */
  invalid: 2,
  /** Refused before anything was changed. */
  rejected: 3,
  /** It did not go through and every applied step was undone. */
  rolledBack: 4,
  /** A step could not be undone, or a restore left a migration half way; a person is needed. */
  rollbackFailed: 5,
  /** The final phase failed; fix forward or restore. */
  forwardFixRequired: 6,
  /** A gate, or the rules of the environment, say no. */
  notAllowed: 7,
  /** The target, the control store or AWS cannot be reached or refuses the credentials. */
  unreachable: 8,
  /** `--timeout` passed and it still waits. */
  stillWaiting: 9,
  /** The schema is not what the ledger expects. */
  drifted: 10,
  /** `lint` found what `--fail-on` does not let pass. */
  hazards: 11,
  /** A restore stopped half way; resume it. */
  restoreFailed: 12,
} as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

export function exitCodeOfStatus(status: ExecutionStatus): ExitCode {
  switch (status) {
    case 'rejected':
      return EXIT_CODES.rejected;
    case 'rolled-back':
      return EXIT_CODES.rolledBack;
    case 'rollback-failed':
    case 'restored':
      return EXIT_CODES.rollbackFailed;
    case 'restore-failed':
      return EXIT_CODES.restoreFailed;
    case 'forward-fix-required':
      return EXIT_CODES.forwardFixRequired;
    case 'starting':
    case 'running':
    case 'rolling-back':
    case 'succeeded':
      return EXIT_CODES.ok;
  }
}

export function exitCodeOfError(code: ErrorCode): ExitCode {
  switch (code) {
    case 'InvalidMigration':
    case 'InvalidConfiguration':
    case 'UnknownExecution':
    case 'UnknownMigration':
    case 'UnknownSnapshot':
    case 'Unsupported':
    case 'UnknownVersion':
      return EXIT_CODES.invalid;
    case 'NotAllowed':
    case 'PlanChanged':
    case 'AlreadyDecided':
    case 'WrongState':
    case 'LeaseHeld':
    case 'SnapshotsUnsupported':
      return EXIT_CODES.notAllowed;
    case 'TargetUnreachable':
    case 'DataApiDisabled':
    case 'AccessDenied':
    case 'Throttled':
      return EXIT_CODES.unreachable;
    default:
      return EXIT_CODES.unexpected;
  }
}
