import { AwsError } from '../http/aws-error.ts';
import { callUnder, type Faults } from '../http/faults.ts';
import { type Listening, listen } from '../http/listen.ts';
import { EmbeddedLambda, type InvokeOptions } from './embedded-lambda.ts';
import type { FunctionLogLine, FunctionLogSink } from './function-logs.ts';
import type { InvocationOutcome } from './invocation.ts';
import { lambdaApi } from './lambda-api.ts';
import { type LambdaFunction, parseFunctionReference } from './lambda-function.ts';

/** What the embedded Lambda starts with. */
export interface LambdaOptions {
  /** @default - none; see `register` */
  readonly functions?: readonly LambdaFunction[];
  /** Receives every line that a function writes. @default - kept per function, see `logs` */
  readonly onLog?: FunctionLogSink;
  /** Asked as `('lambda', 'Invoke')` for every call, also for those of a state machine. @default - no faults */
  readonly faults?: Faults;
  /** @default 0, a free port */
  readonly port?: number;
}

/** The running embedded Lambda. */
export interface LambdaHandle extends Listening {
  /** Adds a function or replaces its code; returns its ARN. */
  register(fn: LambdaFunction): string;
  /** Invokes as the API does, without the network. See {@link EmbeddedLambda.invoke}. */
  invoke(reference: string, payload: unknown, options?: InvokeOptions): Promise<InvocationOutcome>;
  /** The last lines of one function, oldest first. */
  logs(reference: string): readonly FunctionLogLine[];
  /** Kills one function in mid-flight, as SIGKILL does; its next invocation starts cold. */
  kill(reference: string): Promise<void>;
  /** Kills every function in mid-flight. */
  killAll(): Promise<void>;
  /** Puts the clock of one function wrong by this much; its next invocation starts cold. */
  skewClock(reference: string, skewMs: number): void;
}

/** Serves Lambda on 127.0.0.1. */
export async function startLambda(options: LambdaOptions = {}): Promise<LambdaHandle> {
  const lambda = new EmbeddedLambda(options.onLog);
  const faults = options.faults ?? (() => undefined);
  for (const fn of options.functions ?? []) lambda.register(fn);
  const server = await listen(lambdaApi(lambda, faults), options.port);
  return {
    url: server.url,
    register: (fn) => lambda.register(fn),
    invoke: async (reference, payload, invokeOptions) => {
      const functionName = parseFunctionReference(reference).name;
      const call = await callUnder(faults('lambda', 'Invoke', { functionName }), () =>
        lambda.invoke(reference, payload, invokeOptions),
      );
      if (call.kind === 'answer') return call.value;
      throw new AwsError('SdkClientException', 500, 'the connection to Lambda was reset');
    },
    logs: (reference) => lambda.logs(reference),
    kill: (reference) => lambda.kill(reference),
    killAll: () => lambda.killAll(),
    skewClock: (reference, skewMs) => lambda.skewClock(reference, skewMs),
    close: async () => {
      await lambda.killAll();
      await server.close();
    },
  };
}
