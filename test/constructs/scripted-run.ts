import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { OutcomeKind } from '../../lib/core/workflow/outcome.ts';
import { PAYLOAD_FORMAT, type WorkflowInput } from '../../lib/core/workflow/payload.ts';
import { renderWorkflow } from './rendered-workflow.ts';

/** What a task state answers: an outcome, something that is no outcome, or an exception by name. */
export type Answer = OutcomeKind | 'unheard-of' | { readonly throws: string };

/** Answers in order for each Task state; a state without (further) answers is done. */
export type Script = Readonly<Record<string, readonly Answer[]>>;

export interface ScriptedRun {
  /** The states it went through, in order. */
  readonly visited: readonly string[];
  /** `Succeeded` or the error of the Fail state. */
  readonly end: string;
  /** What each task was called with, in order. */
  readonly calls: readonly { readonly state: string; readonly payload: unknown }[];
}

const definition = renderWorkflow();
const namesOf = (type: string) =>
  Object.entries(definition.States).flatMap(([name, { Type }]) => (Type === type ? [name] : []));

/**
 * This interpreter resolves `TimeoutSecondsPath` in the task's parameters. AWS, and our own
 * embedded runtime, resolve it in the state's input, as the path is meant; here a fixed number
 * stands for it.
 */
const machine = new StateMachine({
  ...definition,
  States: Object.fromEntries(
    Object.entries(definition.States).map(([name, { TimeoutSecondsPath, ...state }]) => [
      name,
      TimeoutSecondsPath === undefined ? state : { ...state, TimeoutSeconds: 3_600 },
    ]),
  ),
} as unknown as StateMachineDefinition);

/** Runs the rendered definition in an interpreter whose tasks follow the script. No time passes. */
export async function runScripted(
  script: Script = {},
  input:
    | (Partial<WorkflowInput> & { readonly formatVersion?: unknown })
    | { readonly executionArn: string; readonly input: string } = {},
): Promise<ScriptedRun> {
  const calls: { state: string; payload: unknown }[] = [];
  const taskOf = (state: string) => {
    const answers = [...(script[state] ?? [])];
    return async ({ Payload: payload }: { Payload: unknown }) => {
      calls.push({ state, payload });
      const answer = answers.shift() ?? 'done';
      if (typeof answer === 'object') throw Object.assign(new Error(), { name: answer.throws });
      const seconds = answer === 'wait' ? 30 : 0;
      return { Payload: { outcome: answer, seconds, reason: '' } };
    };
  };
  const tasks = namesOf('Task');
  const none = {
    executionId: '0002_add_billing-k3x9',
    mode: 'forward',
    formatVersion: PAYLOAD_FORMAT,
  };
  const given = 'executionArn' in input ? input : { ...none, ...input };
  // As text and back, for a member that is undefined is none.
  const run = machine.run(JSON.parse(JSON.stringify(given)), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        tasks.map((state) => [state, taskOf(state) as never]),
      ),
      waitTimeOverrides: Object.fromEntries(namesOf('Wait').map((state) => [state, 0])),
      retryIntervalOverrides: Object.fromEntries(tasks.map((state) => [state, 0])),
    },
    context: { Execution: { Id: 'arn:run' }, Task: { Token: 'token' } },
  });
  const visited: string[] = [];
  const reading = (async () => {
    for await (const event of run.eventLogs) {
      if (event.type === 'StateEntered') visited.push(event.state.name);
    }
  })();
  const end = await run.result.then(
    () => 'Succeeded',
    (error: Error) => String(error.cause ?? error.message).replace(/:.*/s, ''),
  );
  await reading;
  return { visited, end, calls };
}
