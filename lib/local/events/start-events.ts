import type { Faults } from '../http/faults.ts';
import { type Listening, listen } from '../http/listen.ts';
import { jsonServiceApp } from '../states/aws-json.ts';
import type { BusEvent, NewEvent } from './event.ts';
import { type DeliveryFailure, EventBus, type EventHandler } from './event-bus.ts';
import type { EventPattern } from './event-pattern.ts';
import { putEvents } from './put-events.ts';

/** What the embedded EventBridge starts with. */
export interface EventsOptions {
  /** Events remembered for `recent()`. @default 1000 */
  readonly keep?: number;
  /** Told when a subscriber throws. @default - the error is emitted as a process warning */
  readonly onDeliveryFailure?: DeliveryFailure;
  /** Asked as `('events', 'PutEvents')` for every API call. @default - no faults */
  readonly faults?: Faults;
  /** @default 0, a free port */
  readonly port?: number;
}

/** The running embedded EventBridge: the default bus, with subscribers in this process in place of rules. */
export interface EventsHandle extends Listening {
  /** Publishes as an AWS service does, `aws.` sources included. Returns the event id. */
  publish(event: NewEvent): string;
  /** Calls `handler` for each later event that matches; returns the function that ends it. */
  subscribe(pattern: EventPattern, handler: EventHandler): () => void;
  /** The remembered events, oldest first. */
  recent(): readonly BusEvent[];
}

/** Serves `PutEvents` on 127.0.0.1. */
export async function startEvents(options: EventsOptions = {}): Promise<EventsHandle> {
  const bus = new EventBus(options.keep ?? 1_000, options.onDeliveryFailure ?? warn);
  const app = jsonServiceApp({
    name: 'events',
    target: 'AWSEvents',
    version: '1.1',
    faults: options.faults ?? (() => undefined),
    actions: { PutEvents: (input) => putEvents(bus, input) },
  });
  const server = await listen(app, options.port);
  return {
    ...server,
    publish: (event) => bus.publish(event),
    subscribe: (pattern, handler) => bus.subscribe(pattern, handler),
    recent: () => bus.recent(),
  };
}

function warn(event: BusEvent, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.emitWarning(`a subscriber failed on '${event['detail-type']}': ${reason}`);
}
