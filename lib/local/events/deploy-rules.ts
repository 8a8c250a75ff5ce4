import { randomUUID } from 'node:crypto';
import { EMBEDDED_PLACE } from '../cloudformation/local-place.ts';
import { elapse } from '../states/timer.ts';
import type { BusEvent } from './event.ts';
import type { EventPattern } from './event-pattern.ts';
import type { EventsHandle } from './start-events.ts';
import { inputFor, type TargetInput } from './target-input.ts';

/** A rule on the bus and what it sets going. */
export type EventRule = {
  readonly name: string;
  readonly targets: readonly RuleTarget[];
} & (
  | { readonly pattern: EventPattern }
  /** On a schedule, first when this long has passed. */
  | { readonly everyMs: number }
);

export interface RuleTarget {
  /** A state machine (or an alias of one), or a function. */
  readonly arn: string;
  readonly input: TargetInput;
}

/** What targets are called through. */
export interface RuleActions {
  /** @param name one for each event and target; a second start of that name must do nothing */
  startExecution(stateMachineArn: string, name: string, input: string): Promise<void>;
  invoke(functionArn: string, payload: unknown): Promise<void>;
}

/**
 * EventBridge tries for a day; a process on a laptop that cannot be reached for this long is
 * broken. In ms.
 */
const RETRY_AFTER_MS = [100, 300, 1_000, 3_000];

/**
 * Puts rules on the bus until they are closed. An event that no attempt delivers goes to the bus's
 * `onDeliveryFailure`, which stands for the dead-letter queue.
 */
export function deployRules(
  events: EventsHandle,
  rules: readonly EventRule[],
  actions: RuleActions,
): { close(): Promise<void> } {
  const closing = new AbortController();
  const ends = rules
    .flatMap((rule) => rule.targets.map((target) => ({ rule, target })))
    .map(({ rule, target }, index) => {
      const handle = (event: BusEvent) =>
        persistently(() => deliver(target, `${event.id}_${index}`, event, actions), closing.signal);
      if ('pattern' in rule) return events.subscribe(rule.pattern, handle);
      // The next time makes up for one that failed.
      const tick = () => void handle(scheduledEvent(rule.name)).catch(() => undefined);
      const timer = setInterval(tick, rule.everyMs).unref();
      return () => clearInterval(timer);
    });
  return {
    close: async () => {
      for (const end of ends) end();
      closing.abort();
    },
  };
}

/** What EventBridge sends to a target on a schedule. */
function scheduledEvent(rule: string): BusEvent {
  const { account, region } = EMBEDDED_PLACE;
  return {
    id: randomUUID(),
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    account,
    region,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    resources: [`arn:aws:events:${region}:${account}:rule/${rule}`],
    detail: {},
  };
}

async function deliver(
  { arn, input }: RuleTarget,
  name: string,
  event: BusEvent,
  actions: RuleActions,
): Promise<void> {
  const json = inputFor(input, event);
  if (isStateMachine(arn)) return actions.startExecution(arn, name, json);
  return actions.invoke(arn, JSON.parse(json));
}

/** The third part of an ARN is its service. */
const isStateMachine = (arn: string): boolean => arn.split(':')[2] === 'states';

async function persistently(attempt: () => Promise<void>, closing: AbortSignal): Promise<void> {
  for (const delayMs of RETRY_AFTER_MS) {
    try {
      return await attempt();
    } catch {
      if (!(await elapse(delayMs, closing))) return;
    }
  }
  await attempt();
}
