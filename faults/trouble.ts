import type { ExecutionId } from '../lib/core/ids.ts';
import type { Fault } from '../lib/local/http/faults.ts';
import type { SeenCall } from './armed.ts';
import type { Scene } from './scene.ts';

/** One way in which the world goes wrong around a call. */
export interface Trouble {
  /** What happens with a call that is met. */
  fault(call: SeenCall): Fault;
  /** Makes the world well again; called when the execution stops and when the cell is over. */
  heal(): Promise<void>;
}

/** What trouble is made of. */
export interface TroubleContext {
  readonly scene: Scene;
  /** The execution of the cell, once it was started. */
  readonly executionId: () => Promise<ExecutionId>;
}

export type MakeTrouble = (context: TroubleContext) => Trouble;

const nothingToHeal = async (): Promise<void> => undefined;

/** A fault of the service or of the way to it. */
export function simple(fault: Fault): MakeTrouble {
  return () => ({ fault: () => fault, heal: nothingToHeal });
}

/** No answer for a while, and then a broken connection: what is left of a host that went away. */
const HANG_MS = 4_000;

/** Faults that every service has. */
export const SERVICE_TROUBLES = {
  throttled: simple({ kind: 'throttle' }),
  'server error': simple({ kind: 'error5xx' }),
  'server error, done': simple({
    kind: 'error-after',
    code: 'InternalFailure',
    status: 500,
    message: 'injected fault',
  }),
  'reset, not done': simple({ kind: 'drop-before' }),
  'reset, done': simple({ kind: 'drop-after' }),
  'timeout, not done': simple({ kind: 'hang-before', holdMs: HANG_MS }),
  'timeout, done': simple({ kind: 'hang-after', holdMs: HANG_MS }),
} as const satisfies Record<string, MakeTrouble>;

/** The Data API gives up after 45 s and says so; the connection behind it may be gone as well. */
const TIMED_OUT = {
  code: 'StatementTimeoutException',
  status: 400,
  message: 'Request timed out',
} as const;
const UNAVAILABLE = {
  code: 'DatabaseUnavailableException',
  status: 504,
  message: "The writer instance isn't available.",
} as const;

/** The same for the Data API, whose timeouts are answers. */
export const DATA_API_TROUBLES = {
  ...SERVICE_TROUBLES,
  'timeout, not done': simple({ kind: 'error', ...TIMED_OUT }),
  'timeout, done': simple({ kind: 'error-after', ...TIMED_OUT }),
  unavailable: simple({ kind: 'error', ...UNAVAILABLE }),
  'unavailable, done': simple({ kind: 'error-after', ...UNAVAILABLE }),
} as const satisfies Record<string, MakeTrouble>;

/** The function that makes the call dies, like SIGKILL, before the call or after it. */
export const KILLED = {
  'killed, not done': ({ scene }) => ({
    fault: ({ functionName }) => ({
      kind: 'meanwhile',
      before: () => scene.aws.lambda.kill(functionName),
      fault: { kind: 'drop-before' },
    }),
    heal: nothingToHeal,
  }),
  'killed, done': ({ scene }) => ({
    fault: ({ functionName }) => ({
      kind: 'meanwhile',
      after: () => scene.aws.lambda.kill(functionName),
    }),
    heal: nothingToHeal,
  }),
} as const satisfies Record<string, MakeTrouble>;

/** The same for invocations, which are refused in Lambda's own words. */
export const INVOKE_TROUBLES = {
  ...SERVICE_TROUBLES,
  throttled: simple({
    kind: 'error',
    code: 'TooManyRequestsException',
    status: 429,
    message: 'Rate Exceeded.',
  }),
} as const satisfies Record<string, MakeTrouble>;

/** Lambda invokes at least once: the same event is delivered again, at once or after the state moved on. */
export const DUPLICATES = {
  'delivered twice': simple({ kind: 'twice', laterMs: 0 }),
  'delivered again later': simple({ kind: 'twice', laterMs: 400 }),
} as const satisfies Record<string, MakeTrouble>;

/** AWS refuses what is signed more than five minutes off, so no function works with a larger error. */
const SKEW_MS = 4 * 60_000;

/** The clock of one function is wrong from its next call on. */
export function clockSkew(direction: 'ahead' | 'behind'): MakeTrouble {
  return ({ scene }) => {
    let skewed: string | undefined;
    return {
      fault: ({ functionName }) => ({
        kind: 'meanwhile',
        before: async () => {
          skewed = functionName;
          scene.aws.lambda.skewClock(functionName, direction === 'ahead' ? SKEW_MS : -SKEW_MS);
        },
      }),
      heal: async () => {
        if (skewed !== undefined) scene.aws.lambda.skewClock(skewed, 0);
        skewed = undefined;
      },
    };
  };
}
