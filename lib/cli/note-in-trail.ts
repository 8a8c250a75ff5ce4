import type { TrailKind } from '../core/executions/event.ts';
import type { Execution } from '../core/executions/execution.ts';
import { journal } from '../engine/context.ts';
import type { Connection } from './connection.ts';

/** Writes down what the caller did to an execution, in the audit trail and for who listens. */
export async function noteInTrail(
  connection: Connection,
  { executionId, migrationId }: Execution,
  kind: TrailKind,
  more: Omit<NonNullable<Parameters<typeof journal>[2]>, 'by'>,
): Promise<void> {
  const context = { ...connection, executionId, migrationId, until: connection.clock.now() };
  await journal(context, kind, { by: connection.by, ...more });
}
