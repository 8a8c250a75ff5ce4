import type { Faults } from '../http/faults.ts';
import { type Listening, listen } from '../http/listen.ts';
import { jsonServiceApp } from './aws-json.ts';
import { callbackActions } from './callback-actions.ts';
import { executionActions } from './execution-actions.ts';
import { Executions } from './executions.ts';
import type { FunctionInvoker } from './function-invoker.ts';
import { historyActions } from './history-actions.ts';
import { RecordFiles } from './record-files.ts';
import { stateMachineActions } from './state-machine-actions.ts';
import { StateMachines } from './state-machines.ts';
import type { StatusChangeSink } from './status-change.ts';
import { TaskTokens } from './task-tokens.ts';

/** What the embedded Step Functions starts with. */
export interface StatesOptions {
  /** Where Task states find their functions. */
  readonly lambda: FunctionInvoker;
  /** Holds state machines, executions and histories; made when it does not exist. One process at a time. */
  readonly directory: string;
  /** 0 to 1: how much of each Wait and Retry delay really passes; timeouts are never shortened. @default 1 */
  readonly waitScale?: number;
  /** Asked as `('states', <action>)` for every API call. @default - no faults */
  readonly faults?: Faults;
  /** Receives `Step Functions Execution Status Change` events. @default - nobody */
  readonly events?: StatusChangeSink;
  /** @default 0, a free port */
  readonly port?: number;
}

/**
 * Serves Step Functions standard workflows (JSONPath; Task, Pass, Wait, Choice, Succeed, Fail) on 127.0.0.1. Closing
 * abandons what is running, as a kill would: the next start on the same directory reports it as ABORTED.
 */
export async function startStates(options: StatesOptions): Promise<Listening> {
  const files = new RecordFiles(options.directory);
  const machines = new StateMachines(files);
  const tokens = new TaskTokens((arn) => executions.has(arn));
  const executions = new Executions(
    files,
    {
      lambda: options.lambda,
      tokens,
      waitScale: options.waitScale ?? 1,
      random: Math.random,
    },
    options.events ?? (() => {}),
  );
  const app = jsonServiceApp({
    name: 'states',
    target: 'AWSStepFunctions',
    version: '1.0',
    faults: options.faults ?? (() => undefined),
    actions: {
      ...stateMachineActions(machines),
      ...executionActions(machines, executions),
      ...historyActions(executions),
      ...callbackActions(tokens),
    },
  });
  const server = await listen(app, options.port);
  return {
    url: server.url,
    close: async () => {
      executions.abandon();
      await server.close();
    },
  };
}
