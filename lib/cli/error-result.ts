import { CommanderError } from 'commander';
import color from 'picocolors';
import { commonFailureOf } from '../aws/service-error.ts';
import { isLockkeeperError } from '../core/errors.ts';
import { DatabaseError } from '../ports/database.ts';
import type { CommandResult } from './command-result.ts';
import { EXIT_CODES, type ExitCode, exitCodeOfError } from './exit-codes.ts';

/** An error as a machine reads it; docs/cli.md promises the shape. */
export interface ShownError {
  /** A code of lib/core/errors.ts, or `InvalidCommand` for a mistake on the command line. */
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * What a person or a pipeline sees of an error.
 * @param debug whether to show where in the program an unexpected one came from
 */
export function errorResult(error: unknown, debug: boolean): CommandResult {
  const { exitCode, ...shown } = describe(error);
  const lines = [`${color.red('error')}  ${shown.message}`];
  if (shown.fix !== null) lines.push(`${color.dim('fix')}    ${shown.fix}`);
  const expected = exitCode !== EXIT_CODES.unexpected;
  if (debug) lines.push(color.dim(traceOf(error)));
  else if (!expected) lines.push(color.dim('LOCKKEEPER_DEBUG=1 shows where it happened'));
  return { exitCode, text: lines.join('\n'), value: { error: shown } };
}

function describe(error: unknown): ShownError & { readonly exitCode: ExitCode } {
  if (isLockkeeperError(error)) {
    const { code, message, fix, facts } = error;
    return { code, message, fix: fix ?? null, facts, exitCode: exitCodeOfError(code) };
  }
  if (error instanceof CommanderError) return describeMistake(error);
  if (error instanceof DatabaseError) return describeDatabase(error);
  const message = error instanceof Error ? error.message : String(error);
  switch (commonFailureOf(error)) {
    case 'denied':
      return {
        code: 'AccessDenied',
        message,
        fix: 'check which credentials are in use: aws sts get-caller-identity',
        facts: {},
        exitCode: EXIT_CODES.unreachable,
      };
    case 'throttled':
      return {
        code: 'Throttled',
        message,
        fix: 'try again in a minute',
        facts: {},
        exitCode: EXIT_CODES.unreachable,
      };
    case 'not-connected':
    case 'no-answer':
      return {
        code: 'TargetUnreachable',
        message: message === '' ? 'AWS did not answer' : message,
        fix: 'check the network, the region and the AWS_ENDPOINT_URL variables',
        facts: {},
        exitCode: EXIT_CODES.unreachable,
      };
    case undefined:
      return { code: 'Internal', message, fix: null, facts: {}, exitCode: EXIT_CODES.unexpected };
  }
}

function describeMistake(mistake: CommanderError): ShownError & { readonly exitCode: ExitCode } {
  const noVerb = mistake.code === 'commander.help';
  return {
    code: 'InvalidCommand',
    message: noVerb ? 'which verb?' : mistake.message.replace(/^error: /, ''),
    fix: 'lockkeeper help',
    facts: {},
    exitCode: EXIT_CODES.invalid,
  };
}

function describeDatabase(error: DatabaseError): ShownError & { readonly exitCode: ExitCode } {
  const facts = { kind: error.kind, sqlstate: error.sqlstate ?? null };
  switch (error.kind) {
    case 'unreachable':
    case 'outcome-unknown':
      return {
        code: 'TargetUnreachable',
        message: `the target database did not answer: ${error.message}`,
        fix: 'check that the cluster is available and its Data API is on',
        facts,
        exitCode: EXIT_CODES.unreachable,
      };
    case 'denied':
      return {
        code: 'AccessDenied',
        message: `the target database refuses: ${error.message}`,
        fix: 'check the credentials in the secret of the target',
        facts,
        exitCode: EXIT_CODES.unreachable,
      };
    default:
      return {
        code: 'StatementFailed',
        message: error.message,
        fix: null,
        facts,
        exitCode: EXIT_CODES.unexpected,
      };
  }
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const cause = error.cause === undefined ? '' : `\ncaused by ${traceOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
