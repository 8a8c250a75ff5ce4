import { randomUUID } from 'node:crypto';
import { AwsError } from '../http/aws-error.ts';
import { type FunctionLogLine, type FunctionLogSink, FunctionLogs } from './function-logs.ts';
import { FunctionPool } from './function-pool.ts';
import type { InvocationOutcome } from './invocation.ts';
import {
  type LambdaFunction,
  lambdaFunctionArn,
  parseFunctionReference,
} from './lambda-function.ts';
import { boundedOutcome, requestPayload } from './payload.ts';

/** What a caller may say about one invocation. */
export interface InvokeOptions {
  /** Stops waiting; the function itself runs on to its end, as it does on AWS. @default - wait */
  readonly signal?: AbortSignal;
}

interface Registered {
  readonly fn: LambdaFunction;
  readonly pool: FunctionPool;
  readonly logs: FunctionLogs;
}

/** The functions of the account and their execution environments. No network: see `startLambda` for the API. */
export class EmbeddedLambda {
  readonly #functions = new Map<string, Registered>();
  readonly #logSink: FunctionLogSink;

  constructor(logSink: FunctionLogSink = () => {}) {
    this.#logSink = logSink;
  }

  /** Adds a function, or replaces its code: running invocations of the old code end by themselves. */
  register(fn: LambdaFunction): string {
    const previous = this.#functions.get(fn.name);
    void previous?.pool.retire();
    const logs = previous?.logs ?? new FunctionLogs(fn.name, this.#logSink);
    this.#functions.set(fn.name, { fn, pool: new FunctionPool(fn, logs), logs });
    return lambdaFunctionArn(fn.name);
  }

  /**
   * Invokes synchronously. Versions and aliases are accepted and run the one registered code.
   *
   * @param reference name, partial ARN or ARN, with or without a qualifier
   * @throws AwsError `ResourceNotFoundException`, `TooManyRequestsException`, `RequestTooLargeException`
   */
  async invoke(
    reference: string,
    payload: unknown,
    options: InvokeOptions = {},
  ): Promise<InvocationOutcome> {
    const { fn, pool } = this.#find(reference);
    const { qualifier } = parseFunctionReference(reference);
    const arn = lambdaFunctionArn(fn.name);
    const running = pool.invoke({
      requestId: randomUUID(),
      payloadJson: requestPayload(payload),
      invokedFunctionArn: qualifier === undefined ? arn : `${arn}:${qualifier}`,
    });
    const outcome = await abandonable(running, options.signal);
    return boundedOutcome(outcome);
  }

  /** The last lines that the function wrote, oldest first. */
  logs(reference: string): readonly FunctionLogLine[] {
    return this.#find(reference).logs.lines();
  }

  /** Kills the environments of one function in mid-flight. */
  async kill(reference: string): Promise<void> {
    await this.#find(reference).pool.kill();
  }

  /** Kills every environment of every function in mid-flight. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#functions.values()].map(({ pool }) => pool.kill()));
  }

  /** Puts the clock of one function wrong by this much; its next invocation starts cold. */
  skewClock(reference: string, skewMs: number): void {
    const { fn } = this.#find(reference);
    this.register({ ...fn, clockSkewMs: skewMs });
  }

  #find(reference: string): Registered {
    const { name } = parseFunctionReference(reference);
    const registered = this.#functions.get(name);
    if (registered !== undefined) return registered;
    throw new AwsError(
      'ResourceNotFoundException',
      404,
      `Function not found: ${lambdaFunctionArn(name)}`,
      { Type: 'User' },
    );
  }
}

async function abandonable<T>(running: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return running;
  const { promise, reject } = Promise.withResolvers<never>();
  const abandon = () => reject(signal.reason);
  if (signal.aborted) abandon();
  signal.addEventListener('abort', abandon, { once: true });
  try {
    return await Promise.race([running, promise]);
  } finally {
    signal.removeEventListener('abort', abandon);
    running.catch(() => {}); // nobody is left to hear about an abandoned call
  }
}
