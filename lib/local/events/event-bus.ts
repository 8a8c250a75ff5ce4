import { randomUUID } from 'node:crypto';
import { EMBEDDED_ACCOUNT, EMBEDDED_REGION } from '../lambda/lambda-function.ts';
import type { BusEvent, NewEvent } from './event.ts';
import { checkPattern, type EventPattern, matchesPattern } from './event-pattern.ts';

/** Receives the events of a subscription. */
export type EventHandler = (event: BusEvent) => void | Promise<void>;

/** Told about a handler that failed; the bus goes on. */
export type DeliveryFailure = (event: BusEvent, error: unknown) => void;

interface Subscription {
  readonly pattern: EventPattern;
  readonly handler: EventHandler;
}

/** The default event bus: remembers the last events and delivers each to every subscriber whose pattern matches. */
export class EventBus {
  readonly #capacity: number;
  readonly #onFailure: DeliveryFailure;
  readonly #recent: BusEvent[] = [];
  readonly #subscriptions = new Set<Subscription>();

  /** @param capacity events remembered */
  constructor(capacity: number, onFailure: DeliveryFailure) {
    this.#capacity = capacity;
    this.#onFailure = onFailure;
  }

  /** Accepts an event and returns its id; delivery happens after the caller has gone on, once, in order. */
  publish(event: NewEvent): string {
    const complete: BusEvent = {
      resources: [],
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      ...event,
      id: randomUUID(),
      account: EMBEDDED_ACCOUNT,
      region: EMBEDDED_REGION,
    };
    this.#recent.push(complete);
    if (this.#recent.length > this.#capacity) this.#recent.shift();
    for (const subscription of this.#subscriptions) {
      if (matchesPattern(subscription.pattern, complete)) {
        queueMicrotask(() => void this.#deliver(subscription.handler, complete));
      }
    }
    return complete.id;
  }

  /**
   * Calls `handler` for each later event that matches; returns the function that ends it.
   *
   * @throws UnsupportedPatternError
   */
  subscribe(pattern: EventPattern, handler: EventHandler): () => void {
    checkPattern(pattern);
    const subscription = { pattern, handler };
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  /** The remembered events, oldest first. */
  recent(): readonly BusEvent[] {
    return [...this.#recent];
  }

  async #deliver(handler: EventHandler, event: BusEvent): Promise<void> {
    try {
      await handler(event);
    } catch (error) {
      this.#onFailure(event, error);
    }
  }
}
