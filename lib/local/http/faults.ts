import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from './aws-error.ts';

/**
 * What goes wrong with one API call. After the `drop`, `hang` and `error-after` kinds the caller
 * cannot know whether the call happened.
 */
export type Fault =
  /** Refused with `ThrottlingException`; nothing is done. */
  | { readonly kind: 'throttle' }
  /** Refused with HTTP 500; nothing is done. */
  | { readonly kind: 'error5xx' }
  /** Refused with this very error; nothing is done. */
  | ({ readonly kind: 'error' } & Refusal)
  /** Done, and then answered with this very error. */
  | ({ readonly kind: 'error-after' } & Refusal)
  /** Done after this many milliseconds. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection breaks and nothing is done. */
  | { readonly kind: 'drop-before' }
  /** Done, then the connection breaks before the answer. */
  | { readonly kind: 'drop-after' }
  /** Nothing is done and nothing is said; the connection breaks when the time is over. */
  | { readonly kind: 'hang-before'; readonly holdMs: number }
  /** Done, but nothing is said; the connection breaks when the time is over. */
  | { readonly kind: 'hang-after'; readonly holdMs: number }
  /** Done twice, the second time after this long; the answer is that of the first. */
  | { readonly kind: 'twice'; readonly laterMs: number }
  /** Something else happens at this very moment. */
  | {
      readonly kind: 'meanwhile';
      /** Ends before the call is done. */
      readonly before?: () => Promise<unknown>;
      /** Begins with the call and ends before the answer. */
      readonly during?: () => Promise<unknown>;
      /** Begins when the call is done and ends before the answer. */
      readonly after?: () => Promise<unknown>;
      /** What goes wrong with the call itself. @default - nothing */
      readonly fault?: Fault;
    };

interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

/** What a fault may depend on, beside the name of the call. */
export interface CallDetail {
  /** Access key id that signed the call: each function has its own, its name. */
  readonly caller?: string | undefined;
  /** Name of the function that is invoked. */
  readonly functionName?: string;
  /** Of the Data API's statements. */
  readonly sql?: string | undefined;
}

/** Asked once for every API call. @returns what goes wrong with this call, or undefined */
export type Faults = (service: string, action: string, detail: CallDetail) => Fault | undefined;

/** A call's answer, or the fact that its connection is to be broken without one. */
export type FaultedCall<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'dropped' };

/**
 * Runs a call under the fault chosen for it.
 * @throws AwsError for the refusing kinds, and whatever the call throws
 */
export async function callUnder<T>(
  fault: Fault | undefined,
  call: () => Promise<T>,
): Promise<FaultedCall<T>> {
  switch (fault?.kind) {
    case undefined:
      return { kind: 'answer', value: await call() };
    case 'throttle':
      throw new AwsError('ThrottlingException', 400, 'Rate exceeded');
    case 'error5xx':
      throw new AwsError('InternalFailure', 500, 'injected fault');
    case 'error':
      throw new AwsError(fault.code, fault.status, fault.message);
    case 'error-after':
      await unheard(call);
      throw new AwsError(fault.code, fault.status, fault.message);
    case 'delay':
      await sleep(fault.delayMs);
      return { kind: 'answer', value: await call() };
    case 'drop-before':
      return { kind: 'dropped' };
    case 'drop-after':
      await unheard(call);
      return { kind: 'dropped' };
    case 'hang-before':
      await sleep(fault.holdMs);
      return { kind: 'dropped' };
    case 'hang-after':
      await unheard(call);
      await sleep(fault.holdMs);
      return { kind: 'dropped' };
    case 'twice':
      void sleep(fault.laterMs).then(() => unheard(call));
      return { kind: 'answer', value: await call() };
    case 'meanwhile':
      return callMeanwhile(fault, call);
  }
}

async function callMeanwhile<T>(
  { before, during, after, fault }: Extract<Fault, { kind: 'meanwhile' }>,
  call: () => Promise<T>,
): Promise<FaultedCall<T>> {
  await before?.();
  const [called] = await Promise.allSettled([callUnder(fault, call), during?.()]);
  await after?.();
  if (called.status === 'rejected') throw called.reason;
  return called.value;
}

/** Whether the call worked does not matter any more: nobody will hear of it. */
async function unheard(call: () => Promise<unknown>): Promise<void> {
  await call().catch(() => undefined);
}
