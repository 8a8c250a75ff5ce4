import type { ExecutionId } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';
import { PICTURE_LINES } from '../fingerprint.ts';

/** Names in a message; more are counted. */
const NAMED = 5;

/**
 * Keeps the schema as it is now as the one that the next phase of the execution must find. It takes
 * the place of the one before.
 */
export async function recordMilestone(
  tx: Session,
  executionId: ExecutionId,
  milestone: string,
): Promise<void> {
  const parameters = { execution_id: executionId, milestone };
  await tx.execute('delete from lockkeeper.milestone_pictures where execution_id = :execution_id', {
    execution_id: executionId,
  });
  await tx.execute(
    `insert into lockkeeper.milestones (execution_id, milestone) values (:execution_id, :milestone)
     on conflict (execution_id) do update set milestone = excluded.milestone, reached_at = now()`,
    parameters,
  );
  await tx.execute(
    `insert into lockkeeper.milestone_pictures (execution_id, kind, name, definition)
     select :execution_id, kind, name, definition from (${PICTURE_LINES}) picture`,
    { execution_id: executionId },
  );
}

/** The latest one; undefined for an execution that has none yet. */
export async function lastMilestone(
  session: Session,
  executionId: ExecutionId,
): Promise<string | undefined> {
  const [row] = await session.query(
    'select milestone from lockkeeper.milestones where execution_id = :execution_id',
    { execution_id: executionId },
  );
  return row === undefined ? undefined : String(row['milestone']);
}

/** Whether the first step of the phase was let through already. */
export async function hasBegun(
  session: Session,
  executionId: ExecutionId,
  phase: string,
): Promise<boolean> {
  const [row] = await session.query(
    'select begun from lockkeeper.milestones where execution_id = :execution_id',
    { execution_id: executionId },
  );
  return row?.['begun'] === phase;
}

export async function recordBegun(
  tx: Session,
  executionId: ExecutionId,
  phase: string,
): Promise<void> {
  await tx.execute(
    'update lockkeeper.milestones set begun = :phase where execution_id = :execution_id',
    { execution_id: executionId, phase },
  );
}

/** What of the schema is not as the execution left it. */
export interface MilestoneDrift {
  readonly total: number;
  /** Some of it, such as `index public.hasty added`. */
  readonly objects: readonly string[];
}

export async function driftSinceMilestone(
  session: Session,
  executionId: ExecutionId,
): Promise<MilestoneDrift> {
  const rows = await session.query(
    `with found as materialized (${PICTURE_LINES}),
     expected as (
       select kind, name, definition from lockkeeper.milestone_pictures
       where execution_id = :execution_id
     )
     select coalesce(e.kind, f.kind) || ' ' || coalesce(e.name, f.name) ||
            case when e.name is null then ' added' when f.name is null then ' missing' else ' changed' end as object,
            count(*) over ()::int as total
     from expected e full join found f on f.kind = e.kind and f.name = e.name
     where e.definition is distinct from f.definition
     order by 1 limit ${NAMED}`,
    { execution_id: executionId },
  );
  return {
    total: Number(rows[0]?.['total'] ?? 0),
    objects: rows.map((row) => String(row['object'])),
  };
}

/** An execution that has ended needs none. */
export async function forgetMilestones(tx: Session, executionId: ExecutionId): Promise<void> {
  for (const table of ['milestone_pictures', 'milestones', 'holds', 'counted_statements']) {
    await tx.execute(`delete from lockkeeper.${table} where execution_id = :execution_id`, {
      execution_id: executionId,
    });
  }
}
