import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { RUNTIME_ERROR, StateError } from './state-error.ts';
import type { ChoiceState, Json } from './states-language.ts';

/** What `$$` resolves to; the same members as the context object of AWS. */
export interface ContextObject {
  readonly Execution: {
    readonly Id: string;
    readonly Name: string;
    readonly Input: Json;
    /** ISO 8601, UTC */
    readonly StartTime: string;
    readonly RoleArn: string;
    readonly RedriveCount: number;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
  readonly State: {
    readonly Name: string;
    /** ISO 8601, UTC */
    readonly EnteredTime: string;
    readonly RetryCount: number;
  };
  /** Only in a state that waits for a token. */
  readonly Task?: { readonly Token: string };
}

/**
 * JSONPath, payload templates, intrinsic functions and choice rules are those of `aws-local-stepfunctions`, used one
 * expression at a time as a machine of one state. Time, errors, retries and history stay with the embedded runtime:
 * the library limits tasks to 60 s, has no task tokens and no per-state context.
 *
 * Known to be laxer than AWS: `$.list.length` and `$.text.length` resolve.
 */
export function evaluatePath(path: string, input: Json, context: ContextObject): Promise<Json> {
  return evaluate({ Type: 'Pass', InputPath: renamed(path), End: true }, {}, input, context);
}

/** `InputPath` and `OutputPath`: absent means everything, `null` means `{}`. */
export async function applyPath(
  path: string | null | undefined,
  input: Json,
  context: ContextObject,
): Promise<Json> {
  if (path === undefined || path === '$') return input;
  if (path === null) return {};
  return evaluatePath(path, input, context);
}

/** `Parameters` and `ResultSelector`; without a template the input itself. */
export async function applyTemplate(
  template: Json | undefined,
  input: Json,
  context: ContextObject,
): Promise<Json> {
  if (template === undefined) return input;
  return evaluate({ Type: 'Pass', Parameters: renamed(template), End: true }, {}, input, context);
}

/** The name of the state that a Choice leads to; throws `States.NoChoiceMatched` when none does. */
export async function chooseNext(
  state: ChoiceState,
  input: Json,
  context: ContextObject,
): Promise<string> {
  const targets = [
    ...state.Choices.map(({ Next }) => Next),
    ...(state.Default ? [state.Default] : []),
  ];
  const label = (name: string) => `target ${targets.indexOf(name)}`;
  const landings = targets.map((name) => [
    label(name),
    { Type: 'Pass', Parameters: { next: name }, End: true },
  ]);
  const choice = {
    Type: 'Choice',
    Choices: state.Choices.map((rule) => ({
      ...(renamed(rule) as object),
      Next: label(rule.Next),
    })),
    ...(state.Default === undefined ? {} : { Default: label(state.Default) }),
  };
  const landed = await evaluate(choice, Object.fromEntries(landings), input, context);
  return (landed as { readonly next: string }).next;
}

/** `$$` as a path or an argument of an intrinsic function. */
const CONTEXT_REFERENCE = /\$\$(?=[.[,)\s]|$)/g;

/**
 * The library overwrites `Execution.Input` and `Execution.StartTime` of the context with those of its own run, which
 * here is one expression. So the real context object travels one level deeper and `$$` is led there.
 */
function renamed(template: Json): Json {
  if (typeof template === 'string') {
    return template.replaceAll(CONTEXT_REFERENCE, '$$$$.Embedded');
  }
  if (Array.isArray(template)) return template.map(renamed);
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => {
      const isExpression = key.endsWith('.$') || key === 'Variable' || key.endsWith('Path');
      return [key, typeof value === 'string' && !isExpression ? value : renamed(value)];
    }),
  );
}

async function evaluate(
  state: object,
  others: object,
  input: Json,
  context: ContextObject,
): Promise<Json> {
  const definition = { StartAt: 'Evaluate', States: { Evaluate: state, ...others } };
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true }, // the whole definition was validated when it was created
  });
  try {
    const run = machine.run(input as Parameters<StateMachine['run']>[0], {
      context: { Embedded: context },
    });
    return await run.result;
  } catch (error) {
    const cause = error instanceof ExecutionError ? error.cause : error;
    if (!(cause instanceof Error)) throw error;
    const known = cause.name.startsWith('States.') ? cause.name : 'States.IntrinsicFailure';
    throw new StateError(
      known === 'States.ParameterPathFailure' ? RUNTIME_ERROR : known,
      cause.message,
    );
  }
}
