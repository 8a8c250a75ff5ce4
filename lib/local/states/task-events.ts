import { EMBEDDED_REGION } from '../lambda/lambda-function.ts';
import type { History } from './history.ts';
import { MAX_SECONDS } from './limits.ts';
import { HEARTBEAT_TIMEOUT, RUNTIME_ERROR, type StateError, TIMEOUT } from './state-error.ts';
import type { TaskAttempt } from './task-attempt.ts';

/** Writes the events of one attempt; a function's ARN as `Resource` has event types of its own. */
export interface TaskEvents {
  scheduled(): void;
  started(): void;
  /** The notifier of a callback task returned `output` (JSON text). */
  submitted(output: string): void;
  succeeded(output: string): void;
  failed(error: StateError): void;
}

const COMPLETE = { truncated: false };

/** The event writer for `attempt`. */
export function taskEvents(attempt: TaskAttempt, history: History): TaskEvents {
  const { resource } = attempt;
  return resource.kind === 'function'
    ? functionEvents(attempt, resource.functionArn, history)
    : integrationEvents(attempt, history);
}

function integrationEvents(attempt: TaskAttempt, history: History): TaskEvents {
  const resource = attempt.resource.kind === 'callback' ? 'invoke.waitForTaskToken' : 'invoke';
  const about = { resourceType: 'lambda', resource };
  return {
    scheduled: () =>
      void history.record('TaskScheduled', {
        taskScheduledEventDetails: {
          ...about,
          region: EMBEDDED_REGION,
          parameters: JSON.stringify(attempt.parameters),
          ...limits(attempt),
        },
      }),
    started: () => void history.record('TaskStarted', { taskStartedEventDetails: about }),
    submitted: (output) =>
      void history.record('TaskSubmitted', {
        taskSubmittedEventDetails: { ...about, output, outputDetails: COMPLETE },
      }),
    succeeded: (output) =>
      void history.record('TaskSucceeded', {
        taskSucceededEventDetails: { ...about, output, outputDetails: COMPLETE },
      }),
    failed: (error) => {
      const details = { ...about, error: error.error, cause: error.causeText };
      if (error.error === RUNTIME_ERROR) return;
      if (isTimeout(error)) history.record('TaskTimedOut', { taskTimedOutEventDetails: details });
      else history.record('TaskFailed', { taskFailedEventDetails: details });
    },
  };
}

function functionEvents(attempt: TaskAttempt, arn: string, history: History): TaskEvents {
  return {
    scheduled: () =>
      void history.record('LambdaFunctionScheduled', {
        lambdaFunctionScheduledEventDetails: {
          resource: arn,
          input: JSON.stringify(attempt.parameters),
          inputDetails: COMPLETE,
          ...limits(attempt),
        },
      }),
    started: () => void history.record('LambdaFunctionStarted'),
    submitted: () => {},
    succeeded: (output) =>
      void history.record('LambdaFunctionSucceeded', {
        lambdaFunctionSucceededEventDetails: { output, outputDetails: COMPLETE },
      }),
    failed: (error) => {
      const details = { error: error.error, cause: error.causeText };
      if (error.error === RUNTIME_ERROR) return;
      if (isTimeout(error)) {
        history.record('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: details });
      } else {
        history.record('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: details });
      }
    },
  };
}

function limits(attempt: TaskAttempt): Record<string, number> {
  return {
    ...(attempt.timeoutSeconds === MAX_SECONDS ? {} : { timeoutInSeconds: attempt.timeoutSeconds }),
    ...(attempt.heartbeatSeconds === undefined
      ? {}
      : { heartbeatInSeconds: attempt.heartbeatSeconds }),
  };
}

function isTimeout({ error }: StateError): boolean {
  return error === TIMEOUT || error === HEARTBEAT_TIMEOUT;
}
