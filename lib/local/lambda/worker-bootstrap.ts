/**
 * The runtime interface client of the embedded Lambda: runs inside each worker thread, loads the bundle once and then
 * answers one invocation after another. Error names and rules are those of the managed `nodejs24.x` runtime.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionError } from './invocation.ts';
import type { InvokeMessage, WorkerMessage, WorkerSetup } from './worker-messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const setup = workerData as WorkerSetup;
const host = parentPort;

function send(message: WorkerMessage): void {
  host?.postMessage(message);
}

function describe(error: unknown): FunctionError {
  if (types.isNativeError(error)) {
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: (error.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function initFailure(errorType: string, errorMessage: string): FunctionError {
  return { errorType, errorMessage, trace: [] };
}

async function loadHandler(): Promise<Handler | FunctionError> {
  const [file = '', name = '', ...rest] = setup.handler.split('.');
  if (file === '' || name === '' || rest.length > 0) {
    return initFailure('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const path = ['.mjs', '.js', '.cjs']
    .map((extension) => join(setup.bundlePath, `${file}${extension}`))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    return initFailure('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  }
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const commonJs = module['default'] as Record<string, unknown> | undefined;
  const handler = module[name] ?? commonJs?.[name];
  if (typeof handler !== 'function') {
    return initFailure('Runtime.HandlerNotFound', `${setup.handler} is undefined or not exported`);
  }
  // Node.js 24 on Lambda refuses (event, context, callback) handlers; accepting them here would hide that.
  if (handler.length >= 3) {
    return initFailure(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24',
    );
  }
  return handler as Handler;
}

function contextFor(message: InvokeMessage): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: setup.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: message.invokedFunctionArn,
    memoryLimitInMB: String(setup.memoryMb),
    awsRequestId: message.requestId,
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    getRemainingTimeInMillis: () => Math.max(0, message.deadlineMs - Date.now()),
  };
}

function serialize(result: unknown): string {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (cause) {
    throw new TypeError('Unable to stringify response body', { cause });
  }
}

async function run(handler: Handler, message: InvokeMessage): Promise<void> {
  try {
    const result = await handler(JSON.parse(message.payloadJson), contextFor(message));
    send({ kind: 'returned', payloadJson: serialize(result) });
  } catch (error) {
    send({ kind: 'failed', functionError: describe(error) });
  }
}

process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  const errorType = 'Runtime.UnhandledPromiseRejection';
  send({ kind: 'failed', functionError: { errorType, errorMessage, trace: trace ?? [] } });
  process.exit(128);
});

/** A machine whose clock is wrong: `Date` is all that a handler knows of the time of day. */
function skewClock(skewMs: number): void {
  const RealDate = Date;
  const now = () => RealDate.now() + skewMs;
  const SkewedDate = function (this: unknown, ...parts: readonly number[]) {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
  };
  Object.setPrototypeOf(SkewedDate, RealDate);
  SkewedDate.prototype = RealDate.prototype;
  globalThis.Date = Object.assign(SkewedDate, { now }) as unknown as DateConstructor;
}

if (setup.clockSkewMs !== 0) skewClock(setup.clockSkewMs);
try {
  const loaded = await loadHandler();
  if (typeof loaded === 'function') {
    host?.on('message', (message: InvokeMessage) => void run(loaded, message));
    send({ kind: 'ready' });
  } else {
    send({ kind: 'init-failed', functionError: loaded });
  }
} catch (error) {
  const errorType = error instanceof SyntaxError ? 'Runtime.UserCodeSyntaxError' : undefined;
  const functionError = describe(error);
  send({
    kind: 'init-failed',
    functionError: errorType === undefined ? functionError : { ...functionError, errorType },
  });
}
