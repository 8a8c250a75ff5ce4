import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  deployRules,
  type EventRule,
  type RuleActions,
} from '../../../lib/local/events/deploy-rules.ts';
import { type EventsHandle, startEvents } from '../../../lib/local/events/start-events.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:Main';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:decide';

let events: EventsHandle;
let undelivered: unknown[];
let started: { readonly name: string; readonly input: unknown }[];
let invoked: unknown[];
/** How many of the next calls of a target fail. */
let failing: number;
let rules: { close(): Promise<void> };

const actions: RuleActions = {
  startExecution: async (arn, name, input) => {
    if (failing-- > 0) throw new TypeError('throttled');
    expect(arn).toBe(MACHINE);
    started.push({ name, input: JSON.parse(input) });
  },
  invoke: async (arn, payload) => {
    expect(arn).toBe(FUNCTION);
    invoked.push(payload);
  },
};

beforeEach(async () => {
  undelivered = [];
  started = [];
  invoked = [];
  failing = 0;
  events = await startEvents({ onDeliveryFailure: (_event, error) => undelivered.push(error) });
});
afterEach(async () => {
  await rules.close();
  await events.close();
});

function deploy(...targets: EventRule['targets']): void {
  rules = deployRules(events, [{ name: 'rule', pattern: { source: ['shop'] }, targets }], actions);
}

async function publish(source = 'shop'): Promise<string> {
  const detail = { order: 7, 'placed-by': 'ann "the boss"' };
  const id = events.publish({ source, 'detail-type': 'Order placed', detail });
  await sleep(5);
  return id;
}

describe('a rule', () => {
  it('starts the state machine with the part of the event that it asks for, once for each event', async () => {
    // GIVEN
    deploy({ arn: MACHINE, input: { kind: 'path', path: '$.detail' } });
    // WHEN
    const first = await publish();
    await publish('bakery');
    const second = await publish();
    // THEN
    const input = { order: 7, 'placed-by': 'ann "the boss"' };
    expect(started).toEqual([
      { name: `${first}_0`, input },
      { name: `${second}_0`, input },
    ]);
  });

  it('invokes a function with the event, with a text of its own, or with a template filled in', async () => {
    // GIVEN
    deploy(
      { arn: FUNCTION, input: { kind: 'event' } },
      { arn: FUNCTION, input: { kind: 'constant', json: '{"always":1}' } },
      {
        arn: FUNCTION,
        input: {
          kind: 'template',
          paths: { n: '$.detail.order', who: '$.detail.placed-by', id: '$.id' },
          template: '{"order":<n>,"by":<who>,"text":"order <n> of <who>","id":"<id>"}',
        },
      },
    );
    // WHEN
    const id = await publish();
    // THEN
    expect(invoked).toEqual([
      expect.objectContaining({ id, source: 'shop', 'detail-type': 'Order placed' }),
      { always: 1 },
      { order: 7, by: 'ann "the boss"', text: 'order 7 of ann "the boss"', id },
    ]);
  });

  it('tries again when its target cannot be reached, under the same name', async () => {
    // GIVEN
    failing = 1;
    deploy({ arn: MACHINE, input: { kind: 'event' } });
    // WHEN
    const id = await publish();
    expect(started).toEqual([]);
    await sleep(150);
    // THEN
    expect(started).toEqual([expect.objectContaining({ name: `${id}_0` })]);
    expect(undelivered).toEqual([]);
  });

  it('does nothing any more once it is closed, also not what it was about to try again', async () => {
    // GIVEN
    failing = 1;
    deploy({ arn: MACHINE, input: { kind: 'event' } });
    await publish();
    // WHEN
    await rules.close();
    await publish();
    await sleep(150);
    // THEN
    expect(started).toEqual([]);
  });
});
