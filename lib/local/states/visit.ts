import type { ContextObject } from './expressions.ts';
import type { FunctionInvoker } from './function-invoker.ts';
import type { History } from './history.ts';
import type { Json, State } from './states-language.ts';
import type { TaskTokens } from './task-tokens.ts';

/** Where a state led. */
export type Step =
  | { readonly kind: 'next'; readonly state: string; readonly output: Json }
  | { readonly kind: 'end'; readonly output: Json };

/** One execution, as its states see it. */
export interface Surroundings {
  readonly executionArn: string;
  readonly context: Omit<ContextObject, 'State' | 'Task'>;
  readonly lambda: FunctionInvoker;
  readonly tokens: TaskTokens;
  readonly history: History;
  /** Aborted when the execution is over for a reason outside its states. */
  readonly signal: AbortSignal;
  /** 0 to 1: how much of a Wait or a Retry delay really passes. */
  readonly waitScale: number;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
}

/** One visit to a state. */
export interface Visit<S extends State = State> {
  readonly name: string;
  readonly state: S;
  readonly input: Json;
  /** ISO 8601, UTC */
  readonly enteredTime: string;
  readonly surroundings: Surroundings;
}

/** The context object of this visit. */
export function contextOf(visit: Visit, retryCount = 0, token?: string): ContextObject {
  return {
    ...visit.surroundings.context,
    State: { Name: visit.name, EnteredTime: visit.enteredTime, RetryCount: retryCount },
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
}

/** Follows `Next` or `End`; the validator has made sure that there is one of them. */
export function stepFrom(state: { readonly Next?: string }, output: Json): Step {
  return state.Next === undefined
    ? { kind: 'end', output }
    : { kind: 'next', state: state.Next, output };
}
