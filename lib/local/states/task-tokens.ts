import { randomBytes } from 'node:crypto';
import { AwsError } from '../http/aws-error.ts';
import type { Json } from './states-language.ts';

/** What `SendTaskSuccess` or `SendTaskFailure` brought. */
export type TaskReport =
  | { readonly kind: 'succeeded'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string };

/** One attempt of a Task that waits for somebody who holds its token. */
export interface OpenTask {
  readonly token: string;
  readonly report: Promise<TaskReport>;
  /** Epoch milliseconds of the last heartbeat, at first of the opening. */
  readonly lastBeatAt: () => number;
  /** From here on the token is answered with `TaskTimedOut`. */
  readonly close: () => void;
}

interface Entry {
  readonly settle: (report: TaskReport) => void;
  beatAt: number;
}

/**
 * The open task tokens. A token names its execution, so that after a restart the token of a task that is gone is told
 * apart from one that never existed; 32 random bytes make it a secret.
 */
export class TaskTokens {
  readonly #open = new Map<string, Entry>();
  readonly #knowsExecution: (arn: string) => boolean;

  constructor(knowsExecution: (arn: string) => boolean) {
    this.#knowsExecution = knowsExecution;
  }

  /** Issues a fresh token; each attempt of a state has its own. */
  issue(executionArn: string): OpenTask {
    const secret = randomBytes(32).toString('base64url');
    const token = Buffer.from(JSON.stringify([executionArn, secret])).toString('base64');
    const { promise, resolve } = Promise.withResolvers<TaskReport>();
    const entry: Entry = { settle: resolve, beatAt: Date.now() };
    this.#open.set(token, entry);
    return {
      token,
      report: promise,
      lastBeatAt: () => entry.beatAt,
      close: () => void this.#open.delete(token),
    };
  }

  /** `SendTaskSuccess` and `SendTaskFailure`: a token can be used once. */
  settle(token: string, report: TaskReport): void {
    this.#find(token).settle(report);
    this.#open.delete(token);
  }

  /** `SendTaskHeartbeat`: restarts the heartbeat clock, never the timeout. */
  beat(token: string): void {
    this.#find(token).beatAt = Date.now();
  }

  #find(token: string): Entry {
    const entry = this.#open.get(token);
    if (entry !== undefined) return entry;
    const executionArn = executionOf(token);
    if (executionArn === undefined) {
      throw new AwsError('InvalidToken', 400, "Invalid Token: 'Invalid token'");
    }
    if (this.#knowsExecution(executionArn)) {
      throw new AwsError(
        'TaskTimedOut',
        400,
        "Task Timed Out: 'Provided task does not exist anymore'",
      );
    }
    throw new AwsError('TaskDoesNotExist', 400, 'Task does not exist');
  }
}

function executionOf(token: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64').toString());
    return Array.isArray(parsed) && typeof parsed[0] === 'string' ? parsed[0] : undefined;
  } catch {
    return undefined;
  }
}
