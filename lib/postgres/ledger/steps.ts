import type { ExecutionId, StepId } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';

/**
 * - `started`: a statement that no transaction can hold was sent; the catalog knows how it ended
 * - `done`: applied
 * - `undoing`, `undone`: the same for its undo
 */
export type StepState = 'started' | 'done' | 'undoing' | 'undone';

export interface StepRecord {
  readonly stepId: StepId;
  readonly position: number;
  readonly state: StepState;
}

/** Writes a step's state; belongs in the transaction of what it records. */
export async function recordStep(
  tx: Session,
  executionId: ExecutionId,
  step: StepRecord,
): Promise<void> {
  await tx.execute(
    `insert into lockkeeper.steps as s (execution_id, step_id, position, state, finished_at)
     values (:execution_id, :step_id, :position::int, :state,
             case when :state in ('done', 'undone') then clock_timestamp() end)
     on conflict (execution_id, step_id) do update
       set state = excluded.state,
           finished_at = excluded.finished_at,
           started_at = case when excluded.state in ('started', 'undoing') then clock_timestamp() else s.started_at end`,
    {
      execution_id: executionId,
      step_id: step.stepId,
      position: step.position,
      state: step.state,
    },
  );
}

export async function stepState(
  session: Session,
  executionId: ExecutionId,
  stepId: StepId,
): Promise<StepState | undefined> {
  const [row] = await session.query(
    'select state from lockkeeper.steps where execution_id = :execution_id and step_id = :step_id',
    { execution_id: executionId, step_id: stepId },
  );
  return row?.['state'] as StepState | undefined;
}

/** Every step of the execution that left a trace, in plan order. */
export async function listSteps(
  session: Session,
  executionId: ExecutionId,
): Promise<readonly StepRecord[]> {
  const rows = await session.query(
    `select step_id, position, state from lockkeeper.steps
     where execution_id = :execution_id order by position`,
    { execution_id: executionId },
  );
  return rows.map((row) => ({
    stepId: row['step_id'] as StepId,
    position: Number(row['position']),
    state: row['state'] as StepState,
  }));
}
