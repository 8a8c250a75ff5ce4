import { inspect } from 'node:util';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { handler as receiveSignal } from '../../lambdas/receive-signal.lambda.ts';
import { taskHandler } from '../../lambdas/shared/task-handler.ts';
import { LOCAL_TOKEN_SECRET } from '../../lib/aws/control-store/token-cipher.ts';
import { type HandlerWiring, wireHandler } from '../../lib/aws/wiring.ts';
import { HANDLER_ENVIRONMENT } from '../../lib/core/workflow/handlers.ts';
import { parseGateTaskInput, parseTaskInput } from '../../lib/core/workflow/parse-payload.ts';
import { PAYLOAD_FORMAT } from '../../lib/core/workflow/payload.ts';
import { announce, journal } from '../../lib/engine/context.ts';
import { awaitGate, openGate } from '../../lib/engine/open-gate.ts';
import { type EventsHandle, startEvents } from '../../lib/local/events/start-events.ts';
import { DatabaseError } from '../../lib/ports/database.ts';
import {
  type ControlTableServer,
  startControlTable,
} from '../aws/control-store/control-table-server.ts';
import { aGate, anExecution, aSource, MIGRATION } from '../ports/control-store-samples.ts';

const ROW = 'ada@example.com';
const TASK_TOKEN = 'AAAAKgAAAAIAAAAAAAAAA-task-token';
const SECRET = Buffer.alloc(32, 9).toString('base64');
const TARGET = 'orders/app';

let table: ControlTableServer;
let bus: EventsHandle;
let wiring: HandlerWiring;
let written: string[];
const before = { ...process.env };

beforeAll(async () => {
  table = await startControlTable();
  bus = await startEvents();
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    [LOCAL_TOKEN_SECRET]: SECRET,
    [HANDLER_ENVIRONMENT.clusterArn]: 'arn:aws:rds:eu-central-1:111122223333:cluster:orders',
    [HANDLER_ENVIRONMENT.clusterIdentifier]: 'orders',
    [HANDLER_ENVIRONMENT.secretArn]: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:x',
    [HANDLER_ENVIRONMENT.database]: 'app',
    [HANDLER_ENVIRONMENT.controlTable]: table.tableName,
    [HANDLER_ENVIRONMENT.controlKey]: 'key',
    [HANDLER_ENVIRONMENT.eventBus]: 'default',
    [HANDLER_ENVIRONMENT.fourEyes]: 'required',
  });
  wiring = wireHandler(process.env, ['control'], () => undefined);
});
afterAll(async () => {
  process.env = before;
  await bus.close();
  await table.close();
});
beforeEach(() => {
  written = [];
  const keep = (chunk: unknown): boolean => {
    written.push(...String(chunk).split('\n').filter(Boolean));
    return true;
  };
  jest.spyOn(process.stdout, 'write').mockImplementation(keep);
  jest.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const lines = (): Record<string, unknown>[] => written.map((line) => JSON.parse(line));
const logLines = () => lines().filter((line) => !('_aws' in line));
const metricLines = () => lines().filter((line) => '_aws' in line);

async function running() {
  const execution = anExecution({ target: TARGET, status: 'running' });
  await wiring.control.createExecution(execution, aSource());
  return execution.executionId;
}

describe('what a handler writes', () => {
  it('says on each line which handler, execution, migration and run it is about', async () => {
    // GIVEN
    const executionId = await running();
    const handler = taskHandler('validate', parseTaskInput, async () => ({
      kind: 'wait',
      seconds: 7,
      reason: `a session of ${ROW} has the lock`,
    }));

    // WHEN
    await handler({ executionId, mode: 'forward', run: 'arn:run', formatVersion: PAYLOAD_FORMAT });

    // THEN
    expect(logLines()).toEqual([
      expect.objectContaining({
        level: 'INFO',
        service: 'lockkeeper',
        handler: 'validate',
        executionId,
        migrationId: MIGRATION,
        run: 'arn:run',
        outcome: 'wait',
        seconds: 7,
        tookMs: expect.any(Number),
      }),
    ]);
    expect(written.join()).not.toContain(ROW);
  });

  it('names a failure and where it came from, without the words of the database', async () => {
    // GIVEN
    const executionId = await running();
    const handler = taskHandler('backfill', parseTaskInput, async () => {
      throw new DatabaseError('statement', `invalid input syntax for type integer: "${ROW}"`, {
        sqlstate: '22P02',
        detail: `Failing row contains (7, ${ROW})`,
      });
    });

    // WHEN
    const call = handler({
      executionId,
      mode: 'forward',
      run: 'arn:run',
      formatVersion: PAYLOAD_FORMAT,
    });

    // THEN
    const thrown = await call.catch((error: Error) => error);
    expect(thrown).toMatchObject({
      name: 'DatabaseError',
      message: `lockkeeper status ${executionId} has the reason`,
    });
    expect(inspect(thrown)).not.toContain(ROW); // what Lambda itself writes
    expect(logLines()).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        executionId,
        errorName: 'DatabaseError',
        frames: expect.arrayContaining([expect.stringContaining('logs.test.ts')]),
      }),
    ]);
    expect(written.join()).not.toContain(ROW);
    expect((await wiring.control.getExecution(executionId))?.reason).toContain(ROW);
  });

  it('never has a task token, and no secret', async () => {
    // GIVEN a gate that waits
    const executionId = await running();
    await wiring.control.putGate(aGate(executionId, { expiresAt: wiring.clock.now() as never }), 0);
    const handler = taskHandler('open-gate', parseGateTaskInput, async (input, { context }) => {
      if (input.taskToken === undefined) return openGate(context, input.gate);
      await awaitGate(context, input.gate, input.taskToken);
      return { kind: 'done' };
    });

    // WHEN it sleeps once, and fails once: the other gate was never planned
    const input = {
      executionId,
      mode: 'forward',
      run: 'arn:run',
      formatVersion: PAYLOAD_FORMAT,
      gate: 'contract',
    };
    await handler({ ...input, taskToken: TASK_TOKEN });
    await expect(handler({ ...input, gate: 'soak', taskToken: TASK_TOKEN })).rejects.toThrow();

    // THEN
    expect(logLines()).toHaveLength(2);
    expect(written.join()).not.toContain(TASK_TOKEN);
    expect(written.join()).not.toContain(SECRET);
  });

  it('counts each event, for everything and for the target', async () => {
    // GIVEN
    const executionId = await running();
    const handler = taskHandler('finish', parseTaskInput, async (_input, { context }) => {
      await journal(context, 'ExecutionRolledBack', { reason: `row of ${ROW}` });
      return { kind: 'done' };
    });

    // WHEN
    await handler({ executionId, mode: 'forward', run: 'arn:run', formatVersion: PAYLOAD_FORMAT });

    // THEN
    expect(metricLines()).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: 'Lockkeeper',
              Dimensions: [['service'], ['service', 'Target']],
              Metrics: [{ Name: 'ExecutionRolledBack', Unit: 'Count' }],
            },
          ],
        },
        service: 'lockkeeper',
        Target: TARGET,
        executionId,
        migrationId: MIGRATION,
        ExecutionRolledBack: 1,
      },
    ]);
    expect(written.join()).not.toContain(ROW);
  });

  it('reports how a backfill goes once a minute, and whenever it is held', async () => {
    // GIVEN
    const executionId = await running();
    const at = wiring.clock.now();
    const step = { stepId: 'fill', kind: 'backfill', startedAt: at, updatedAt: at } as const;
    const handler = taskHandler('backfill', parseTaskInput, async (_input, { context }) => {
      const { control } = context;
      await control.putProgress(executionId, [{ ...step, state: 'running', rowsPerSecond: 900 }]);
      await control.putProgress(executionId, [{ ...step, state: 'running', rowsPerSecond: 901 }]);
      await control.putProgress(executionId, [{ ...step, state: 'held', rowsPerSecond: 901 }]);
      // It is measured already, under the same name.
      await announce(context, 'BackfillHeld', { facts: { step: 'fill' } });
      return { kind: 'continue' };
    });

    // WHEN
    await handler({ executionId, mode: 'forward', run: 'arn:run', formatVersion: PAYLOAD_FORMAT });

    // THEN
    expect(
      metricLines().map(({ BackfillHeld, BackfillRowsPerSecond }) => [
        BackfillHeld,
        BackfillRowsPerSecond,
      ]),
    ).toEqual([
      [0, 900],
      [1, undefined],
    ]);
  });
});

describe('the handler of deployment events', () => {
  const event = { signal: 'web', id: 'event-1', source: 'aws.ecs', version: 'ecs-svc/1' };

  it('logs and drops what is no signal, and what nobody waits for', async () => {
    expect(await receiveSignal({ hello: 'world' })).toMatchObject({ kind: 'dropped' });
    expect(await receiveSignal(event)).toEqual({
      kind: 'dropped',
      reason: `no execution is under way on ${TARGET}`,
    });
    expect(logLines().map(({ level, handler }) => [level, handler])).toEqual([
      ['WARN', 'receive-signal'],
      ['INFO', 'receive-signal'],
    ]);
  });

  it('keeps the signal of a custom event for the execution that it names', async () => {
    // GIVEN
    const executionId = await running();

    // WHEN
    const receipt = await receiveSignal({
      id: 'event-2',
      source: 'lockkeeper.signal',
      'detail-type': 'anything',
      detail: { executionId, name: 'web', version: 'v42', id: 'build-7' },
    });

    // THEN
    expect(receipt).toMatchObject({ kind: 'taken', executionId });
    expect(await wiring.control.listSignals(executionId)).toEqual([
      expect.objectContaining({
        signalId: 'build-7',
        name: 'web',
        version: 'v42',
        by: 'EventBridge lockkeeper.signal',
      }),
    ]);
    expect(logLines()).toEqual([expect.objectContaining({ executionId, signal: 'web' })]);
  });
});
