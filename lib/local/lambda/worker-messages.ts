import type { FunctionError } from './invocation.ts';

/** What an execution environment is told once, as `workerData`. */
export interface WorkerSetup {
  readonly functionName: string;
  readonly bundlePath: string;
  /** `file.export` */
  readonly handler: string;
  readonly memoryMb: number;
  readonly clockSkewMs: number;
}

/** Host to worker: run the handler once. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly payloadJson: string;
  readonly invokedFunctionArn: string;
  /** Wall-clock instant (epoch milliseconds) at which the host terminates the worker. */
  readonly deadlineMs: number;
}

/** Worker to host. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-failed'; readonly functionError: FunctionError }
  | { readonly kind: 'returned'; readonly payloadJson: string }
  | { readonly kind: 'failed'; readonly functionError: FunctionError };
