import { ERROR_CODES, type ErrorCode, LockkeeperError } from '../core/errors.ts';
import type { Execution } from '../core/executions/execution.ts';
import type { Decision } from '../core/gates/parse-command.ts';
import type { CommandResult } from './command-result.ts';
import type { Connection } from './connection.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** What of a decision the verb says. */
export type Saying = DistributiveOmit<Decision, 'executionId'>;

type DistributiveOmit<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;

/**
 * Tells a running execution something.
 * @param facts more fields of the verb's JSON
 * @throws LockkeeperError with the code of the refusal
 */
export async function sendDecision(
  connection: Connection,
  { executionId }: Execution,
  saying: Saying,
  facts: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const reply = await connection.decide({ ...saying, executionId });
  if (!reply.ok) {
    throw new LockkeeperError(codeOf(reply.code), reply.message, {
      ...(reply.fix !== null && { fix: reply.fix }),
    });
  }
  const { message, woken } = reply;
  return {
    exitCode: EXIT_CODES.ok,
    text: `${executionId}: ${message}`,
    value: { executionId, by: connection.by, ...facts, message, woken },
  };
}

/** A function of another version may know more codes than we do. */
function codeOf(code: string): ErrorCode {
  return Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'NotAllowed';
}
