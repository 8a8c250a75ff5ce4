import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventSink } from '../ports/event-sink.ts';
import { errorMessage } from './service-error.ts';

/** Source of every event of ours on the bus; `docs/formats.md` promises it. */
export const EVENT_SOURCE = 'lockkeeper';

/**
 * `EventSink` on an EventBridge bus. What somebody decided is in the audit trail already, so a bus that
 * does not take an event is a line in the log and never a failed migration.
 */
export function eventBridgeSink(options: {
  readonly client: EventBridgeClient;
  readonly busName: string;
  /** Told about events that the bus did not take. */
  readonly log: (message: string) => void;
}): EventSink {
  const { client, busName, log } = options;
  return {
    async emit(event) {
      try {
        const answer = await client.send(
          new PutEventsCommand({
            Entries: [
              {
                EventBusName: busName,
                Source: EVENT_SOURCE,
                DetailType: event.kind,
                Time: new Date(event.at),
                Detail: JSON.stringify(event),
              },
            ],
          }),
        );
        const [entry] = answer.Entries ?? [];
        if ((answer.FailedEntryCount ?? 0) > 0) {
          log(`the event bus refused ${event.kind}: ${entry?.ErrorMessage ?? 'no reason given'}`);
        }
      } catch (error) {
        log(`the event bus did not take ${event.kind}: ${errorMessage(error)}`);
      }
    },
  };
}
