import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventBridgeSink } from '../../lib/aws/event-sink.ts';
import type { LockkeeperEvent } from '../../lib/core/executions/event.ts';
import { type ExecutionId, epochMs, type MigrationId } from '../../lib/core/ids.ts';
import { type EventsHandle, startEvents } from '../../lib/local/events/start-events.ts';
import type { Fault } from '../../lib/local/http/faults.ts';

const event: LockkeeperEvent = {
  kind: 'GateDecided',
  at: epochMs(Date.UTC(2026, 10, 22, 12)),
  executionId: '0001_a-aaaa' as ExecutionId,
  migrationId: '0001_a' as MigrationId,
  by: 'ada',
  facts: { gate: 'contract', approvals: 2 },
};

describe('events on EventBridge', () => {
  let bus: EventsHandle;
  let client: EventBridgeClient;
  let fault: Fault | undefined;
  let log: string[];

  beforeEach(async () => {
    fault = undefined;
    log = [];
    bus = await startEvents({ faults: () => fault });
    client = new EventBridgeClient({
      endpoint: bus.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    client.destroy();
    await bus.close();
  });

  const sink = (busName = 'default') =>
    eventBridgeSink({ client, busName, log: (message) => log.push(message) });

  it('carries the whole event under our source, with its kind as the detail type', async () => {
    await sink().emit(event);
    expect(bus.recent()).toMatchObject([
      { source: 'lockkeeper', 'detail-type': 'GateDecided', detail: event },
    ]);
    expect(log).toEqual([]);
  });

  it('logs an entry that the bus refused, and does not throw', async () => {
    await sink('elsewhere').emit(event);
    expect(bus.recent()).toEqual([]);
    expect(log).toEqual([expect.stringContaining('GateDecided')]);
  });

  it.each([
    ['throttled', { kind: 'throttle' }],
    ['broken', { kind: 'drop-before' }],
  ] as const)('logs that the bus is %s, and does not throw', async (_how, chosen) => {
    fault = chosen;
    await sink().emit(event);
    expect(log).toEqual([expect.stringContaining('did not take GateDecided')]);
  });
});
