import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ExecutionAlreadyExists,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { LockkeeperError } from '../core/errors.ts';
import { type EpochMs, epochMs } from '../core/ids.ts';
import { PAYLOAD_FORMAT } from '../core/workflow/payload.ts';
import type { Workflow, WorkflowEvent, WorkflowRun } from '../ports/workflow.ts';
import { errorName, serviceError } from './service-error.ts';

/** Nobody waits with this token: its state has ended, or it never was one (SendTaskSuccess, Errors). */
const GONE = new Set(['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken']);

/** `Workflow` on a Step Functions state machine (or one of its aliases). */
export function stepFunctionsWorkflow(options: {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
}): Workflow {
  const { client, stateMachineArn } = options;
  const send = async <T>(action: string, call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (errorName(error) !== 'ExecutionDoesNotExist') {
        throw serviceError('Step Functions', action, error);
      }
      throw new LockkeeperError('UnknownExecution', `could not ${action}: no such execution`, {
        cause: error,
        fix: 'Step Functions forgets an execution 90 days after its end; the audit trail has it all',
      });
    }
  };

  return {
    ...stepFunctionsWaker(client),

    async start(name, input) {
      const text = JSON.stringify({ formatVersion: PAYLOAD_FORMAT, ...input });
      try {
        const started = await client.send(
          new StartExecutionCommand({ stateMachineArn, name, input: text }),
        );
        return started.executionArn ?? '';
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) {
          throw serviceError('Step Functions', `start the execution ${name}`, error);
        }
        // A start whose answer was lost and that was sent again; or somebody else's of that name.
        const run = executionArnOf(stateMachineArn, name);
        const existing = await send(
          `describe the execution ${name}`,
          client.send(new DescribeExecutionCommand({ executionArn: run })),
        );
        if (existing.input === text) return run;
        throw new LockkeeperError('Conflict', `another execution is called ${name}`, {
          cause: error,
        });
      }
    },

    async describe(run) {
      const found = await send(
        'describe the execution',
        client.send(new DescribeExecutionCommand({ executionArn: run })),
      );
      return toRun(run, found);
    },

    async history(run) {
      const events: WorkflowEvent[] = [];
      let nextToken: string | undefined;
      do {
        const page = await send(
          'read the history of the execution',
          client.send(
            new GetExecutionHistoryCommand({
              executionArn: run,
              includeExecutionData: false,
              maxResults: 1_000,
              ...(nextToken !== undefined && { nextToken }),
            }),
          ),
        );
        events.push(...(page.events ?? []).map(toEvent));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return events;
    },
  };
}

/** Wakes waiting states of any state machine: a task token names its own execution. */
export function stepFunctionsWaker(client: SFNClient): Pick<Workflow, 'wake'> {
  return {
    async wake(taskToken) {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
        return 'woken';
      } catch (error) {
        if (GONE.has(errorName(error))) return 'gone';
        throw serviceError('Step Functions', 'wake the execution', error);
      }
    },
  };
}

/**
 * `arn:..:stateMachine:<name>[:<version or alias>]` to `arn:..:execution:<name>:<execution>`.
 */
function executionArnOf(stateMachineArn: string, name: string): string {
  const parts = stateMachineArn.replace(':stateMachine:', ':execution:').split(':');
  return [...parts.slice(0, 7), name].join(':');
}

function toRun(run: string, found: DescribeExecutionCommandOutput): WorkflowRun {
  const status = found.status;
  return {
    run,
    // A run that awaits a redrive is not working on anything.
    status: status === undefined || status === 'PENDING_REDRIVE' ? 'FAILED' : status,
    startedAt: toEpoch(found.startDate) ?? epochMs(0),
    stoppedAt: toEpoch(found.stopDate),
    error: found.error,
    cause: found.cause,
  };
}

function toEvent(event: HistoryEvent): WorkflowEvent {
  return {
    at: toEpoch(event.timestamp) ?? epochMs(0),
    type: event.type ?? 'Unknown',
    state: event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name,
  };
}

function toEpoch(date: Date | undefined): EpochMs | undefined {
  return date === undefined ? undefined : epochMs(date.getTime());
}
