import type { InvocationOutcome } from '../lambda/invocation.ts';

/** What a Task needs of Lambda; `startLambda` returns one. */
export interface FunctionInvoker {
  /** @throws AwsError when the service refuses the call */
  invoke(reference: string, payload: unknown): Promise<InvocationOutcome>;
}
