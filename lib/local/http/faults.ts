import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from './aws-error.ts';

/**
 * What goes wrong with one API call. The two `drop` kinds are what a broken network does: the
 * caller sees a reset connection and cannot know whether the call happened.
 */
export type Fault =
  /** Refused with `ThrottlingException`; nothing is done. */
  | { readonly kind: 'throttle' }
  /** Refused with HTTP 500; nothing is done. */
  | { readonly kind: 'error5xx' }
  /** Refused with this very error; nothing is done. */
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly status: number;
      readonly message: string;
    }
  /** Done after this many milliseconds. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection breaks and nothing is done. */
  | { readonly kind: 'drop-before' }
  /** Done, then the connection breaks before the answer. */
  | { readonly kind: 'drop-after' };

/** Asked once for every API call. @returns what goes wrong with this call, or undefined */
export type Faults = (service: string, action: string) => Fault | undefined;

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
    case 'delay':
      await sleep(fault.delayMs);
      return { kind: 'answer', value: await call() };
    case 'drop-before':
      return { kind: 'dropped' };
    case 'drop-after':
      // Whether the call worked does not matter any more: nobody will hear of it.
      await call().catch(() => undefined);
      return { kind: 'dropped' };
  }
}
