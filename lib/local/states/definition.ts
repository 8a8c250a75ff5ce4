import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { AwsError } from '../http/aws-error.ts';
import { MAX_DEFINITION_LENGTH, MAX_NAME_LENGTH, MAX_SECONDS } from './limits.ts';
import type { Definition, State } from './states-language.ts';
import { readTaskResource } from './task-resource.ts';

/** States that AWS runs and this runtime does not: refused when created, rather than half executed later. */
const UNSUPPORTED_TYPES = new Set(['Parallel', 'Map']);

/**
 * Parses and validates a definition as `CreateStateMachine` does: schema, transitions, reachability, paths and ARNs.
 *
 * @throws AwsError `InvalidDefinition`, naming the state and the field
 */
export function parseDefinition(text: string): Definition {
  if (text.length > MAX_DEFINITION_LENGTH) {
    throw invalid(
      `definition has ${text.length} characters, the limit is ${MAX_DEFINITION_LENGTH}`,
    );
  }
  const definition = parseJson(text);
  if (definition['QueryLanguage'] === 'JSONata') {
    throw invalid('QueryLanguage JSONata is not supported by the embedded runtime, use JSONPath');
  }
  for (const [name, state] of Object.entries(statesOf(definition))) refuseUnsupported(name, state);
  try {
    new StateMachine(definition as unknown as StateMachineDefinition);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  const valid = definition as unknown as Definition;
  for (const [name, state] of Object.entries(valid.States)) checkState(name, state);
  return valid;
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // falls through to the one refusal for everything that is not a JSON object
  }
  throw invalid('INVALID_JSON_DESCRIPTION: the definition is not a JSON object');
}

function statesOf(definition: Record<string, unknown>): Record<string, Record<string, unknown>> {
  return (definition['States'] ?? {}) as Record<string, Record<string, unknown>>;
}

function refuseUnsupported(name: string, state: Record<string, unknown>): void {
  const type = String(state['Type']);
  if (UNSUPPORTED_TYPES.has(type)) {
    throw invalid(`state '${name}' has type ${type}, which the embedded runtime does not execute`);
  }
}

function checkState(name: string, state: State): void {
  if (name.length > MAX_NAME_LENGTH)
    throw invalid(`state name '${name}' has more than 80 characters`);
  if (state.Type !== 'Task') return;
  if (readTaskResource(state.Resource) === undefined) {
    throw invalid(
      `state '${name}' has Resource '${state.Resource}', the embedded runtime executes lambda:invoke, lambda:invoke.waitForTaskToken and Lambda ARNs`,
    );
  }
  const { HeartbeatSeconds, TimeoutSeconds } = state;
  if (HeartbeatSeconds !== undefined && HeartbeatSeconds >= (TimeoutSeconds ?? MAX_SECONDS)) {
    throw invalid(`state '${name}': HeartbeatSeconds must be smaller than TimeoutSeconds`);
  }
  for (const list of [state.Retry ?? [], state.Catch ?? []]) checkWildcards(name, list);
}

/** States language, "Errors": the wildcard stands alone and comes last. */
function checkWildcards(
  name: string,
  list: readonly { readonly ErrorEquals: readonly string[] }[],
): void {
  for (const [index, { ErrorEquals }] of list.entries()) {
    if (!ErrorEquals.includes('States.ALL')) continue;
    if (ErrorEquals.length > 1 || index < list.length - 1) {
      throw invalid(`state '${name}': States.ALL must appear alone and in the last element`);
    }
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidDefinition', 400, `Invalid State Machine Definition: '${message}'`);
}
