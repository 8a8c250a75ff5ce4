import { z } from 'zod';
import { LockkeeperError } from '../errors.ts';
import { STOPS } from '../gates/gate.ts';
import { parseExecutionId } from '../ids.ts';
import {
  FINISH_RESULTS,
  PAYLOAD_FORMAT,
  RESTORE_STEPS,
  SNAPSHOT_MOMENTS,
  type TaskInput,
} from './payload.ts';

const executionId = z.string().transform((text, context) => {
  const parsed = parseExecutionId(text);
  if (parsed === undefined) context.addIssue({ code: 'custom', message: 'not an execution id' });
  return parsed ?? z.NEVER;
});

/** What every format has. */
const identity = z.looseObject({ executionId, run: z.string() });

const task = z.object({
  executionId,
  mode: z.enum(['forward', 'resume', 'rollback']),
  run: z.string(),
});
const gateTask = task.extend({ gate: z.enum(STOPS), taskToken: z.string().optional() });
const snapshotTask = task.extend({ moment: z.enum(SNAPSHOT_MOMENTS) });
const restoreTask = task.extend({ step: z.enum(RESTORE_STEPS) });
const finishTask = task.extend({ result: z.enum(FINISH_RESULTS) });

/**
 * Reads which execution an input is about, whatever version sent it.
 * @throws LockkeeperError Internal
 */
export function parseTaskIdentity(event: unknown): Pick<TaskInput, 'executionId' | 'run'> {
  const { executionId, run } = check(identity, event);
  return { executionId, run };
}

export const parseTaskInput = (event: unknown) => parse(task, event);
export const parseGateTaskInput = (event: unknown) => parse(gateTask, event);
export const parseSnapshotTaskInput = (event: unknown) => parse(snapshotTask, event);
export const parseRestoreTaskInput = (event: unknown) => parse(restoreTask, event);
export const parseFinishTaskInput = (event: unknown) => parse(finishTask, event);

/** @throws LockkeeperError UnknownVersion; Internal when it is malformed in the format that we know */
function parse<Schema extends z.ZodType>(schema: Schema, event: unknown): z.output<Schema> {
  const { executionId, formatVersion } = check(identity, event);
  if (formatVersion === PAYLOAD_FORMAT) return check(schema, event);
  throw new LockkeeperError(
    'UnknownVersion',
    `the task has format ${JSON.stringify(formatVersion)}, this handler reads ${PAYLOAD_FORMAT}`,
    {
      fix: `deploy the state machine and its functions together, then lockkeeper resume ${executionId}`,
      facts: { executionId },
    },
  );
}

function check<Schema extends z.ZodType>(schema: Schema, event: unknown): z.output<Schema> {
  const result = schema.safeParse(event);
  if (result.success) return result.data;
  throw new LockkeeperError(
    'Internal',
    `this handler does not understand its input: ${z.prettifyError(result.error)}`,
    { fix: 'deploy the state machine and its functions together' },
  );
}
