import { boundedJson } from './data-limit.ts';
import { visitChoice, visitFail, visitPass, visitSucceed, visitWait } from './plain-states.ts';
import { RUNTIME_ERROR, StateError } from './state-error.ts';
import type { Definition, Json, State } from './states-language.ts';
import { ExecutionHalted } from './task-attempt.ts';
import { visitTask } from './task-state.ts';
import type { Step, Surroundings, Visit } from './visit.ts';

const COMPLETE = { truncated: false };

/**
 * Walks through the states from `StartAt` to the end and returns the output.
 *
 * @throws StateError when a state fails and nothing catches it
 * @throws ExecutionHalted when the signal was aborted on the way
 */
export async function interpret(
  definition: Definition,
  input: Json,
  surroundings: Surroundings,
): Promise<Json> {
  let name = definition.StartAt;
  let payload = input;
  for (;;) {
    const state = definition.States[name];
    if (state === undefined) throw new StateError(RUNTIME_ERROR, `state '${name}' does not exist`);
    const step = await visitState(name, state, payload, surroundings);
    if (step.kind === 'end') return step.output;
    name = step.state;
    payload = step.output;
  }
}

async function visitState(
  name: string,
  state: State,
  input: Json,
  surroundings: Surroundings,
): Promise<Step> {
  const { history, signal } = surroundings;
  if (signal.aborted) throw new ExecutionHalted('the execution is over');
  const enteredId = history.record(`${state.Type}StateEntered`, {
    stateEnteredEventDetails: { name, input: JSON.stringify(input), inputDetails: COMPLETE },
  });
  const enteredTime = new Date().toISOString();
  try {
    const step = await dispatch({ name, state, input, enteredTime, surroundings });
    const output = boundedJson(step.output, `The state/task '${name}' returned a result`);
    history.record(`${state.Type}StateExited`, {
      stateExitedEventDetails: { name, output, outputDetails: COMPLETE },
    });
    return step;
  } catch (error) {
    throw error instanceof StateError ? located(error, name, enteredId) : error;
  }
}

function dispatch(visit: Visit): Promise<Step> {
  const { state } = visit;
  switch (state.Type) {
    case 'Task':
      return visitTask({ ...visit, state });
    case 'Pass':
      return visitPass({ ...visit, state });
    case 'Choice':
      return visitChoice({ ...visit, state });
    case 'Wait':
      return visitWait({ ...visit, state });
    case 'Succeed':
      return visitSucceed({ ...visit, state });
    case 'Fail':
      return visitFail({ ...visit, state });
  }
}

/** Errors that the interpreter itself raises say where, because no task event does. */
function located(error: StateError, name: string, enteredId: number): StateError {
  const isOurs = error.error === RUNTIME_ERROR || error.error === 'States.NoChoiceMatched';
  if (!isOurs) return error;
  return new StateError(
    error.error,
    `An error occurred while executing the state '${name}' (entered at the event id #${enteredId}). ${error.causeText}`,
  );
}
