import { AwsError } from '../http/aws-error.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { FunctionLogs } from './function-logs.ts';
import type { InvocationOutcome, InvocationRequest } from './invocation.ts';
import type { LambdaFunction } from './lambda-function.ts';

/** The execution environments of one function: the warmest idle one is reused, as the service does. */
export class FunctionPool {
  readonly #fn: LambdaFunction;
  readonly #logs: FunctionLogs;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  #inFlight = 0;
  #retired = false;

  constructor(fn: LambdaFunction, logs: FunctionLogs) {
    this.#fn = fn;
    this.#logs = logs;
  }

  /** Runs one invocation; throws `TooManyRequestsException` above the reserved concurrency. */
  async invoke(request: InvocationRequest): Promise<InvocationOutcome> {
    const cap = this.#fn.reservedConcurrency ?? Number.POSITIVE_INFINITY;
    if (this.#inFlight >= cap) {
      throw new AwsError('TooManyRequestsException', 429, 'Rate Exceeded.', {
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        Type: 'User',
      });
    }
    const environment = this.#idle.pop() ?? this.#start();
    this.#inFlight += 1;
    try {
      return await environment.invoke(request);
    } finally {
      this.#inFlight -= 1;
      if (this.#retired) await environment.kill();
      else if (this.#all.has(environment)) this.#idle.push(environment);
    }
  }

  /** The code was replaced: idle environments end now, busy ones after the invocation they are in. */
  async retire(): Promise<void> {
    this.#retired = true;
    await Promise.all(this.#idle.splice(0).map((environment) => environment.kill()));
  }

  /** Kills every environment, busy or idle; resolves when their threads are gone. The next invocation starts cold. */
  async kill(): Promise<void> {
    const environments = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
    await Promise.all(environments.map((environment) => environment.kill()));
  }

  #start(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#fn, this.#logs, () => {
      this.#all.delete(environment);
      const index = this.#idle.indexOf(environment);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    this.#all.add(environment);
    return environment;
  }
}
