import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../../lib/local/http/faults.ts';
import type { LambdaFunction } from '../../../lib/local/lambda/lambda-function.ts';
import { type LambdaHandle, startLambda } from '../../../lib/local/lambda/start-lambda.ts';
import { bundle, removeAll } from './bundle.ts';

const bundles: string[] = [];
let lambda: LambdaHandle;
let client: LambdaClient;
let fault: Fault | undefined;

beforeEach(async () => {
  fault = undefined;
  lambda = await startLambda({ faults: () => fault });
  client = new LambdaClient({
    endpoint: lambda.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'ANN', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await lambda.close();
});

afterAll(() => removeAll(bundles));

async function deploy(
  source: string,
  properties: Partial<LambdaFunction> = {},
  file = 'index.mjs',
): Promise<void> {
  const bundlePath = await bundle(source, file);
  bundles.push(bundlePath);
  lambda.register({ name: 'probe', bundlePath, timeoutSeconds: 20, ...properties });
}

async function call(payload: unknown = {}, reference = 'probe') {
  const { Payload, FunctionError, StatusCode } = await client.send(
    new InvokeCommand({ FunctionName: reference, Payload: JSON.stringify(payload) }),
  );
  return { StatusCode, FunctionError, payload: JSON.parse(Payload?.transformToString() ?? '') };
}

describe('a function', () => {
  it('answers through the SDK, with payloads that went through JSON', async () => {
    // GIVEN a handler that returns what JSON cannot hold
    await deploy(
      'export const handler = async (e) => ({ ...e, at: new Date(0), gone: undefined })',
    );

    // WHEN it is called by its alias
    const answer = await call({ a: 1 }, 'probe:live');

    // THEN dates are strings and undefined has vanished
    expect(answer.StatusCode).toBe(200);
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.payload).toEqual({ a: 1, at: '1970-01-01T00:00:00.000Z' });
  });

  it('sees its own environment and nothing of the host', async () => {
    await deploy('export const handler = async () => process.env', {
      environment: { TABLE: 't1' },
    });
    const { payload } = await call();
    expect(payload).toMatchObject({ TABLE: 't1', AWS_LAMBDA_FUNCTION_NAME: 'probe' });
    expect(payload).not.toHaveProperty('PATH');
  });

  it('gets a context with its true remaining time', async () => {
    await deploy(
      `export const handler = async (e, c) => {
        const before = c.getRemainingTimeInMillis();
        await new Promise((r) => setTimeout(r, 200));
        return { ...c, before, after: c.getRemainingTimeInMillis() };
      }`,
      { timeoutSeconds: 5 },
    );
    const { payload } = await call({}, 'arn:aws:lambda:us-east-1:000000000000:function:probe:7');
    expect(payload.invokedFunctionArn).toBe(
      'arn:aws:lambda:us-east-1:000000000000:function:probe:7',
    );
    expect(payload.logGroupName).toBe('/aws/lambda/probe');
    expect(payload.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(payload.before).toBeLessThanOrEqual(5_000);
    expect(payload.before - payload.after).toBeGreaterThanOrEqual(190);
  });

  it('stays warm between calls and starts cold after new code is registered', async () => {
    const source = 'let n = 0; export const handler = async () => ++n';
    await deploy(source);
    expect([(await call()).payload, (await call()).payload]).toEqual([1, 2]);
    await deploy(source);
    expect((await call()).payload).toBe(1);
  });

  it('runs a CommonJS bundle and another handler name', async () => {
    await deploy('exports.main = async () => "cjs"', { handler: 'app.main' }, 'app.js');
    expect((await call()).payload).toBe('cjs');
  });

  it('keeps its output lines', async () => {
    await deploy('export const handler = async () => { console.log("one"); console.error("two") }');
    await call();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const lines = lambda.logs('probe').map(({ stream, line }) => `${stream}: ${line}`);
    expect(lines.sort()).toEqual(['stderr: two', 'stdout: one']);
  });
});

describe('a function that fails', () => {
  it('fails when the handler throws, with the name of the error', async () => {
    await deploy(`class LockTimeout extends Error { name = 'LockTimeout' }
      export const handler = async () => { throw new LockTimeout('busy') }`);
    const answer = await call();
    expect(answer.FunctionError).toBe('Unhandled');
    expect(answer.payload).toMatchObject({ errorType: 'LockTimeout', errorMessage: 'busy' });
    expect(answer.payload.trace[0]).toContain('busy');
  });

  it.each([
    ['a missing file', 'nope.handler', 'Runtime.ImportModuleError'],
    ['a missing export', 'index.nope', 'Runtime.HandlerNotFound'],
    ['a malformed handler', 'index', 'Runtime.MalformedHandlerName'],
    ['a callback handler', 'index.old', 'Runtime.CallbackHandlerDeprecated'],
  ])('fails when it starts with %s', async (_what, handler, errorType) => {
    await deploy('export const old = (e, c, cb) => cb(null, 1)', { handler });
    expect((await call()).payload.errorType).toBe(errorType);
  });

  it('fails when it is over its time, even in an endless loop', async () => {
    // GIVEN
    await deploy('export const handler = async (e) => { while (e.spin) {} return "ok" }', {
      timeoutSeconds: 1,
    });

    // WHEN
    const answer = await call({ spin: true });

    // THEN the error is that of the service and the next call starts cold
    expect(answer.payload.errorType).toBe('Sandbox.Timedout');
    expect(answer.payload.errorMessage).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$/,
    );
    expect((await call()).payload).toBe('ok');
  });

  it('fails when it exits or leaves a rejection unhandled', async () => {
    await deploy(`export const handler = async (e) => {
      if (e.exit) process.exit(3);
      Promise.reject(new Error('stray'));
      await new Promise(() => {});
    }`);
    expect((await call({ exit: true })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
    expect((await call()).payload).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'stray',
    });
  });

  it('fails when it is killed in mid-invocation, and starts cold afterwards', async () => {
    // GIVEN a handler that hangs
    await deploy('export const handler = (e) => e.hang ? new Promise(() => {}) : "ok"');
    expect((await call()).payload).toBe('ok');
    const hanging = call({ hang: true });
    await new Promise((resolve) => setTimeout(resolve, 100));

    // WHEN
    await lambda.killAll();

    // THEN
    expect((await hanging).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    });
    expect((await call()).payload).toBe('ok');
  });

  it('fails when its response is above 6 MB', async () => {
    await deploy('export const handler = async () => "x".repeat(6_291_456)');
    expect((await call()).payload.errorType).toBe('Function.ResponseSizeTooLarge');
  });
});

describe('the service', () => {
  it('runs calls at the same time in separate environments, up to the reserved concurrency', async () => {
    // GIVEN
    await deploy(
      `let n = 0;
       export const handler = async () => { n++; await new Promise((r) => setTimeout(r, 300)); return n }`,
      { reservedConcurrency: 2 },
    );

    // WHEN
    const results = await Promise.allSettled([call(), call(), call()]);

    // THEN two ran, each alone in its environment, and one was refused
    const fulfilled = results.filter((result) => result.status === 'fulfilled');
    expect(fulfilled.map(({ value }) => value.payload)).toEqual([1, 1]);
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
  });

  it('refuses a function it does not know', async () => {
    await expect(call({}, 'nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody',
    });
  });

  it('has run the function when the connection drops afterwards', async () => {
    // GIVEN
    await deploy('let n = 0; export const handler = async () => ++n');
    fault = { kind: 'drop-after' };

    // WHEN
    await expect(call()).rejects.toThrow();
    fault = undefined;

    // THEN
    expect((await call()).payload).toBe(2);
  });
});
