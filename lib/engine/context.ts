import type {
  BackfillNewsKind,
  EventKind,
  LockkeeperEvent,
  TrailKind,
} from '../core/executions/event.ts';
import type { EpochMs, ExecutionId, MigrationId } from '../core/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlStore } from '../ports/control-store.ts';
import type { Database } from '../ports/database.ts';
import type { EventSink } from '../ports/event-sink.ts';
import type { HostMetrics } from '../ports/host-metrics.ts';

/** What every use case needs to know and to reach. */
export interface EngineContext {
  readonly executionId: ExecutionId;
  readonly migrationId: MigrationId;
  readonly control: ControlStore;
  readonly events: EventSink;
  readonly clock: Clock;
  /** When this call should hand back; it finishes what it is doing and starts nothing new. */
  readonly until: EpochMs;
}

/** For use cases that work on the target database. */
export interface TargetContext extends EngineContext {
  readonly database: Database;
  /** What the writer says about itself beyond SQL. @default - not asked */
  readonly host?: HostMetrics | undefined;
  /** `<cluster identifier>/<database>`: what the lease is taken on. */
  readonly target: string;
}

export function outOfTime(context: EngineContext): boolean {
  return context.clock.now() >= context.until;
}

/**
 * Writes down what happened: first in the audit trail, which must not lose it, then to whoever
 * listens outside.
 */
export async function journal(
  context: EngineContext,
  kind: TrailKind,
  more: EventDetails = {},
): Promise<void> {
  const event = eventOf(context, kind, more);
  await context.control.audit(event);
  await context.events.emit(event);
}

/** Tells whoever listens outside how a backfill is doing. The trail does not keep it: nobody decided it. */
export async function announce(
  context: EngineContext,
  kind: BackfillNewsKind,
  more: EventDetails,
): Promise<void> {
  await context.events.emit(eventOf(context, kind, more));
}

type EventDetails = Pick<LockkeeperEvent, 'by' | 'reason' | 'facts'>;

function eventOf<Kind extends EventKind>(
  { clock, executionId, migrationId }: EngineContext,
  kind: Kind,
  more: EventDetails,
): LockkeeperEvent<Kind> {
  return { kind, at: clock.now(), executionId, migrationId, ...more };
}
