import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BusEvent } from '../../../lib/local/events/event.ts';
import { type EventsHandle, startEvents } from '../../../lib/local/events/start-events.ts';
import { startSts } from '../../../lib/local/sts/start-sts.ts';

const credentials = { accessKeyId: 'ANN', secretAccessKey: 'x' };

let events: EventsHandle;
let client: EventBridgeClient;
const failures: unknown[] = [];

beforeEach(async () => {
  failures.length = 0;
  events = await startEvents({
    keep: 3,
    onDeliveryFailure: (_event, error) => failures.push(error),
  });
  client = new EventBridgeClient({
    endpoint: events.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await events.close();
});

function collect(pattern: Parameters<EventsHandle['subscribe']>[0]): BusEvent[] {
  const seen: BusEvent[] = [];
  events.subscribe(pattern, (event) => void seen.push(event));
  return seen;
}

const put = (
  ...entries: NonNullable<ConstructorParameters<typeof PutEventsCommand>[0]>['Entries'] & object
) => client.send(new PutEventsCommand({ Entries: entries }));

describe('PutEvents', () => {
  it('reports each bad entry in its place and delivers the good ones', async () => {
    // GIVEN
    const seen = collect({ source: ['lockkeeper'] });

    // WHEN
    const good = { Source: 'lockkeeper', DetailType: 'Gate opened', Detail: '{"gate":"deploy"}' };
    const result = await put(
      good,
      { DetailType: 'x', Detail: '{}' },
      { Source: 'lockkeeper', Detail: '{}' },
      { Source: 'lockkeeper', DetailType: 'x' },
      { Source: 'lockkeeper', DetailType: 'x', Detail: '[1]' },
      { Source: 'aws.states', DetailType: 'x', Detail: '{}' },
      { ...good, EventBusName: 'elsewhere' },
      { ...good, EventBusName: 'default', Time: new Date('2026-11-22T10:00:00Z') },
    );

    // THEN
    expect(result.FailedEntryCount).toBe(6);
    expect(result.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'ResourceNotFoundException',
      undefined,
    ]);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({ id: result.Entries?.[0]?.EventId, detail: { gate: 'deploy' } });
    expect(seen[1]?.time).toBe('2026-11-22T10:00:00Z');
  });

  it('fails as a whole with no entries, too many or too large ones', async () => {
    const entry = { Source: 's', DetailType: 't', Detail: '{}' };
    await expect(put()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(...Array.from({ length: 11 }, () => entry))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const large = { ...entry, Detail: JSON.stringify({ text: 'x'.repeat(262_144) }) };
    await expect(put(large)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('subscriptions', () => {
  const statusChange = {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      status: 'ABORTED',
      stateMachineArn: 'arn:x:lockkeeper-main',
      tags: ['a', 'b'],
      n: null,
    },
  };

  it.each([
    [{ detail: { status: ['FAILED', 'ABORTED'] } }, true],
    [
      { source: ['aws.states'], detail: { stateMachineArn: [{ prefix: 'arn:x:lockkeeper' }] } },
      true,
    ],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { n: [null] } }, true],
    [{ detail: { stateMachineArn: [{ suffix: '-main' }] } }, true],
    [{ detail: { stateMachineArn: [{ wildcard: 'arn:*:lock*-main' }] } }, true],
    [{ detail: { stateMachineArn: [{ wildcard: 'arn:*main*main' }] } }, false],
    [{ detail: { stateMachineArn: [{ wildcard: 'arn:x:lockkeeper-mai' }] } }, false],
    [{ detail: { stateMachineArn: [{ wildcard: 'arn:\\*:*' }] } }, false],
    [{ detail: { status: [{ 'anything-but': ['FAILED', 'TIMED_OUT'] }] } }, true],
    [{ detail: { status: [{ 'anything-but': 'ABORTED' }] } }, false],
    [{ detail: { status: [{ 'anything-but': { prefix: 'ABO' } }] } }, false],
    [{ detail: { status: [{ 'anything-but': { wildcard: ['F*', '*ED'] } }] } }, false],
    [{ detail: { missing: [{ 'anything-but': 'x' }] } }, false],
    [{ detail: { missing: [{ exists: false }], status: [{ exists: true }] } }, true],
    [{ detail: { status: [{ exists: false }] } }, false],
    [{ detail: { $or: [{ status: ['FAILED'] }, { n: [null] }] } }, true],
    [{ detail: { $or: [{ status: ['FAILED'] }, { n: [1] }] } }, false],
    [{ source: ['aws.rds'], $or: [{ detail: { n: [null] } }] }, false],
    [{ detail: { status: ['FAILED'] } }, false],
    [{ detail: { status: ['ABORTED'], missing: ['x'] } }, false],
    [{ detail: { status: { deeper: ['x'] } } }, false],
  ])('match %j: %s', async (pattern, matches) => {
    const seen = collect(pattern);
    events.publish(statusChange);
    await Promise.resolve();
    expect(seen).toHaveLength(matches ? 1 : 0);
  });

  it('fail when they use a matcher that the bus does not have', () => {
    const pattern = { detail: { n: [{ numeric: ['>', 1] }] } };
    expect(() => collect(pattern as never)).toThrow(/'detail\.n' holds \{"numeric"/);
  });

  it('end, and do not stop the bus when they fail', async () => {
    events.subscribe({ source: ['aws.states'] }, () => Promise.reject(new Error('broken')));
    const end = events.subscribe({ source: ['aws.states'] }, () => {});
    end();
    events.publish(statusChange);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(failures).toEqual([new Error('broken')]);
  });

  it('leave the last events to be read', () => {
    for (const n of [1, 2, 3, 4]) events.publish({ ...statusChange, detail: { n } });
    expect(events.recent().map(({ detail }) => detail['n'])).toEqual([2, 3, 4]);
  });
});

describe('GetCallerIdentity', () => {
  it('answers a user for each access key id', async () => {
    const sts = await startSts();
    try {
      const arns = await Promise.all(
        ['ANN', 'BOB'].map(async (accessKeyId) => {
          const caller = new STSClient({
            endpoint: sts.url,
            region: 'us-east-1',
            credentials: { accessKeyId, secretAccessKey: 'embedded' },
          });
          const { Arn } = await caller.send(new GetCallerIdentityCommand({}));
          caller.destroy();
          return Arn;
        }),
      );
      expect(arns).toEqual([
        'arn:aws:iam::000000000000:user/ANN',
        'arn:aws:iam::000000000000:user/BOB',
      ]);
      const unsigned = await fetch(sts.url, { method: 'POST', body: 'Action=GetCallerIdentity' });
      expect(unsigned.status).toBe(403);
      expect(await unsigned.text()).toContain('<Code>MissingAuthenticationToken</Code>');
    } finally {
      await sts.close();
    }
  });
});
