import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Fault } from '../../../lib/local/http/faults.ts';
import type { Listening } from '../../../lib/local/http/listen.ts';
import { type LambdaHandle, startLambda } from '../../../lib/local/lambda/start-lambda.ts';
import { startStates } from '../../../lib/local/states/start-states.ts';
import type { StatusChangeEvent } from '../../../lib/local/states/status-change.ts';
import { bundle } from '../lambda/bundle.ts';

/**
 * One function for every Task: it prints what it was called with, then does what the event says: throws, hangs, waits,
 * or returns `answer`. `failures` makes it fail that many times, counted by `key`.
 */
const WORKER_SOURCE = `
const failed = new Map();
class Flaky extends Error { name = 'Flaky' }
class Known extends Error { name = 'Known' }
export const handler = async (event) => {
  console.log(JSON.stringify(event));
  const count = failed.get(event.key) ?? 0;
  if (count < (event.failures ?? 0)) { failed.set(event.key, count + 1); throw new Flaky('attempt ' + count) }
  if (event.throws) throw new Known(event.throws);
  if (event.hangs) await new Promise(() => {});
  if (event.takesMs) await new Promise((r) => setTimeout(r, event.takesMs));
  return event.answer ?? null;
}`;

/** Step Functions and Lambda as they run in the embedded AWS, with a real client. */
export interface Harness {
  readonly sfn: SFNClient;
  readonly lambda: LambdaHandle;
  /** What the function was called with, in order. */
  readonly calls: readonly Record<string, unknown>[];
  readonly statusChanges: readonly StatusChangeEvent[];
  /** The fault for every call of Step Functions until it is set to `undefined`. */
  setFault(fault: Fault | undefined): void;
  /** Ends the service and starts it again on the same directory. */
  restart(): Promise<void>;
  deploy(definition: object, name?: string): Promise<string>;
  start(arn: string, input?: unknown, name?: string): Promise<string>;
  /** Deploys, starts and waits for the end. */
  run(definition: object, input?: unknown): Promise<DescribeExecutionCommandOutput>;
  finished(executionArn: string): Promise<DescribeExecutionCommandOutput>;
  eventTypes(executionArn: string): Promise<readonly (string | undefined)[]>;
  /** The `n`th call of the function, waiting for it (n from 1). */
  call(n: number): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export const ROLE = 'arn:aws:iam::000000000000:role/states';

export async function startHarness(waitScale = 0): Promise<Harness> {
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-states-'));
  const bundlePath = await bundle(WORKER_SOURCE);
  const calls: Record<string, unknown>[] = [];
  const statusChanges: StatusChangeEvent[] = [];
  let fault: Fault | undefined;
  const lambda = await startLambda({
    functions: [{ name: 'worker', bundlePath, timeoutSeconds: 60 }],
    onLog: ({ line }) => calls.push(JSON.parse(line)),
  });
  const serve = () =>
    startStates({
      lambda,
      directory,
      waitScale,
      faults: () => fault,
      events: (event) => statusChanges.push(event),
    });
  const connect = (service: Listening) =>
    new SFNClient({
      endpoint: service.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'ANN', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
  let service = await serve();
  let sfn = connect(service);

  const harness: Harness = {
    get sfn() {
      return sfn;
    },
    lambda,
    calls,
    statusChanges,
    setFault: (next) => {
      fault = next;
    },
    restart: async () => {
      sfn.destroy();
      await service.close();
      service = await serve();
      sfn = connect(service);
    },
    deploy: async (definition, name = 'machine') => {
      const created = await sfn.send(
        new CreateStateMachineCommand({
          name,
          definition: JSON.stringify(definition),
          roleArn: ROLE,
        }),
      );
      return created.stateMachineArn ?? '';
    },
    start: async (stateMachineArn, input = {}, name) => {
      const started = await sfn.send(
        new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name }),
      );
      return started.executionArn ?? '';
    },
    run: async (definition, input) =>
      harness.finished(await harness.start(await harness.deploy(definition), input)),
    finished: async (executionArn) => {
      for (;;) {
        const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (described.status !== 'RUNNING') return described;
        await pause(15);
      }
    },
    eventTypes: async (executionArn) => {
      const { events } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
      );
      return (events ?? []).map(({ type }) => type);
    },
    call: async (n) => {
      for (;;) {
        const call = calls[n - 1];
        if (call !== undefined) return call;
        await pause(10);
      }
    },
    close: async () => {
      sfn.destroy();
      await service.close();
      await lambda.close();
      await rm(directory, { recursive: true, force: true });
      await rm(bundlePath, { recursive: true, force: true });
    },
  };
  return harness;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A Task on `lambda:invoke` whose payload is the template `payload`. */
export function invoke(payload: object, fields: object): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: 'worker:live', Payload: payload },
    ...fields,
  };
}

/** A Task on `lambda:invoke.waitForTaskToken` that hands its token to the function. */
export function callback(fields: object, payload: object = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: {
      FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:worker:3',
      Payload: { 'token.$': '$$.Task.Token', ...payload },
    },
    ...fields,
  };
}

/** A machine of one state. */
export function machineOf(state: object): object {
  return {
    StartAt: 'Work',
    States: { Work: state },
  };
}
