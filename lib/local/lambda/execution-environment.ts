import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FunctionLogs } from './function-logs.ts';
import {
  type InvocationOutcome,
  type InvocationRequest,
  runtimeExited,
  timedOut,
} from './invocation.ts';
import { EMBEDDED_REGION, type LambdaFunction } from './lambda-function.ts';
import type { InvokeMessage, WorkerMessage, WorkerSetup } from './worker-messages.ts';

/** The init phase of the service: 10 s, or the timeout of the function where that is longer. */
const INIT_MS = 10_000;

/** The service's defaults for what `CreateFunction` leaves out. */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MB = 128;

// The bootstrap is TypeScript in a checkout and JavaScript in the published package, like this file.
const BOOTSTRAP = new URL(
  import.meta.url.endsWith('.ts') ? './worker-bootstrap.ts' : './worker-bootstrap.js',
  import.meta.url,
);

interface InFlight {
  readonly request: InvocationRequest;
  readonly settle: (outcome: InvocationOutcome) => void;
}

/**
 * One execution environment: a worker thread with its own module graph, environment and heap limit, warm between
 * invocations and never shared by two at a time. A synchronous endless loop in the handler is terminated too, because
 * the timers live in the host thread.
 *
 * Unlike the service it is not frozen between invocations: a timer that a handler leaves behind keeps running.
 */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #timeoutSeconds: number;
  readonly #onGone: () => void;
  #state: 'starting' | 'ready' | 'gone' = 'starting';
  #inFlight: InFlight | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(fn: LambdaFunction, logs: FunctionLogs, onGone: () => void) {
    const memoryMb = fn.memoryMb ?? DEFAULT_MEMORY_MB;
    const setup: WorkerSetup = {
      functionName: fn.name,
      bundlePath: fn.bundlePath,
      handler: fn.handler ?? 'index.handler',
      memoryMb,
      clockSkewMs: fn.clockSkewMs ?? 0,
    };
    this.#timeoutSeconds = fn.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    this.#onGone = onGone;
    this.#worker = new Worker(fileURLToPath(BOOTSTRAP), {
      workerData: setup,
      env: environmentOf(fn, setup),
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    logs.follow('stdout', this.#worker.stdout);
    logs.follow('stderr', this.#worker.stderr);
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message));
    this.#worker.on('error', (error: Error & { code?: string }) => this.#crash(error));
    this.#worker.on('exit', (code) => this.#exit(`exit status ${code}`));
  }

  /** Runs the handler once. Must not be called while another invocation is in flight. */
  invoke(request: InvocationRequest): Promise<InvocationOutcome> {
    const { promise, resolve } = Promise.withResolvers<InvocationOutcome>();
    this.#inFlight = { request, settle: resolve };
    this.#worker.ref();
    if (this.#state === 'ready') this.#begin(request);
    else this.#startTimer(Math.max(INIT_MS, this.#timeoutSeconds * 1_000));
    return promise;
  }

  /** Ends the worker at once, like SIGKILL: no handler code, `finally` or exit hook runs. */
  async kill(): Promise<void> {
    this.#exit('signal: killed');
    await this.#worker.terminate();
  }

  #begin(request: InvocationRequest): void {
    const timeoutMs = this.#timeoutSeconds * 1_000;
    const message: InvokeMessage = { ...request, deadlineMs: Date.now() + timeoutMs };
    this.#startTimer(timeoutMs);
    this.#worker.postMessage(message);
  }

  #startTimer(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const request = this.#inFlight?.request;
      if (request !== undefined) this.#settle(timedOut(request.requestId, this.#timeoutSeconds));
      void this.kill();
    }, delayMs);
  }

  #receive(message: WorkerMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#state = 'ready';
        if (this.#inFlight !== undefined) this.#begin(this.#inFlight.request);
        return;
      case 'init-failed':
        this.#settle({ kind: 'failed', functionError: message.functionError });
        void this.kill();
        return;
      case 'returned':
        this.#settle({ kind: 'returned', payload: JSON.parse(message.payloadJson) });
        return;
      case 'failed':
        this.#settle({ kind: 'failed', functionError: message.functionError });
    }
  }

  #crash(error: Error & { code?: string }): void {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      this.#exit('signal: killed');
      return;
    }
    const trace = (error.stack ?? '').split('\n');
    const functionError = { errorType: error.name, errorMessage: error.message, trace };
    this.#settle({ kind: 'failed', functionError });
    this.#exit('exit status 129');
  }

  #exit(reason: string): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    const request = this.#inFlight?.request;
    if (request !== undefined) this.#settle(runtimeExited(request.requestId, reason));
    this.#onGone();
  }

  #settle(outcome: InvocationOutcome): void {
    clearTimeout(this.#timer);
    const inFlight = this.#inFlight;
    this.#inFlight = undefined;
    this.#worker.unref(); // a warm but idle function must not keep the host process alive
    inFlight?.settle(outcome);
  }
}

function environmentOf(fn: LambdaFunction, setup: WorkerSetup): Record<string, string> {
  return {
    AWS_REGION: EMBEDDED_REGION,
    AWS_DEFAULT_REGION: EMBEDDED_REGION,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(setup.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'embedded',
    LAMBDA_TASK_ROOT: fn.bundlePath,
    _HANDLER: setup.handler,
    ...fn.environment,
    // Each function has a role of its own, so who signed a call says which function made it.
    AWS_ACCESS_KEY_ID: fn.name,
    AWS_SECRET_ACCESS_KEY: 'embedded',
  };
}
