import { applyPath, applyTemplate, chooseNext, evaluatePath } from './expressions.ts';
import { MAX_SECONDS } from './limits.ts';
import { applyResultPath } from './reference-path.ts';
import { RUNTIME_ERROR, StateError } from './state-error.ts';
import type {
  ChoiceState,
  FailState,
  Json,
  PassState,
  SucceedState,
  WaitState,
} from './states-language.ts';
import { ExecutionHalted } from './task-attempt.ts';
import { elapse } from './timer.ts';
import { contextOf, type Step, stepFrom, type Visit } from './visit.ts';

/** Passes the input, or `Result`, on. */
export async function visitPass(visit: Visit<PassState>): Promise<Step> {
  const { state, input } = visit;
  const context = contextOf(visit);
  const effective = await applyPath(state.InputPath, input, context);
  const parameters = await applyTemplate(state.Parameters, effective, context);
  const result = state.Result === undefined ? parameters : state.Result;
  const combined = applyResultPath(state.ResultPath, input, result);
  return stepFrom(state, await applyPath(state.OutputPath, combined, context));
}

/** Routes on the first rule that holds. */
export async function visitChoice(visit: Visit<ChoiceState>): Promise<Step> {
  const { state, input } = visit;
  const context = contextOf(visit);
  const effective = await applyPath(state.InputPath, input, context);
  const next = await chooseNext(state, effective, context);
  return {
    kind: 'next',
    state: next,
    output: await applyPath(state.OutputPath, effective, context),
  };
}

/** Lets time pass, shortened by the wait scale. */
export async function visitWait(visit: Visit<WaitState>): Promise<Step> {
  const { state, input, surroundings } = visit;
  const context = contextOf(visit);
  const effective = await applyPath(state.InputPath, input, context);
  const delayMs = (await waitMs(visit, effective)) * surroundings.waitScale;
  const elapsed = await elapse(delayMs, surroundings.signal);
  if (!elapsed) throw new ExecutionHalted('the execution is over');
  return stepFrom(state, await applyPath(state.OutputPath, effective, context));
}

/** Ends the execution well. */
export async function visitSucceed(visit: Visit<SucceedState>): Promise<Step> {
  const { state, input } = visit;
  const context = contextOf(visit);
  const effective = await applyPath(state.InputPath, input, context);
  return { kind: 'end', output: await applyPath(state.OutputPath, effective, context) };
}

/** Ends the execution badly. */
export async function visitFail(visit: Visit<FailState>): Promise<never> {
  const { state, input } = visit;
  const text = async (path: string | undefined, literal: string | undefined) =>
    path === undefined
      ? (literal ?? '')
      : String(await evaluatePath(path, input, contextOf(visit)));
  throw new StateError(
    await text(state.ErrorPath, state.Error),
    await text(state.CausePath, state.Cause),
  );
}

async function waitMs(visit: Visit<WaitState>, input: Json): Promise<number> {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = visit.state;
  if (Seconds !== undefined) return Seconds * 1_000;
  const at = async (path: string) => evaluatePath(path, input, contextOf(visit));
  if (SecondsPath !== undefined) return secondsToMs(SecondsPath, await at(SecondsPath));
  const instant = TimestampPath === undefined ? Timestamp : await at(TimestampPath);
  return msUntil(instant);
}

function secondsToMs(path: string, value: Json): number {
  const valid = typeof value === 'number' && Number.isInteger(value) && value >= 0;
  if (valid && value <= MAX_SECONDS) return value * 1_000;
  throw new StateError(
    RUNTIME_ERROR,
    `The SecondsPath parameter does not reference an integer between 0 and ${MAX_SECONDS}: ${path} == ${JSON.stringify(value)}`,
  );
}

function msUntil(instant: Json | undefined): number {
  const at = typeof instant === 'string' ? Date.parse(instant) : Number.NaN;
  if (!Number.isNaN(at)) return at - Date.now();
  throw new StateError(
    RUNTIME_ERROR,
    `The timestamp of a Wait state is not RFC 3339: ${JSON.stringify(instant)}`,
  );
}
