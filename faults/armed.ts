import { HANDLER_NAMES, type HandlerName } from '../lib/core/workflow/handlers.ts';
import type { CallDetail, Fault, Faults } from '../lib/local/http/faults.ts';

/** Who makes a call: one of the functions, a person with the command line, or who watches over the cell. */
export type CallMaker = HandlerName | 'person' | 'observer';

/** The access key of whoever watches over the cell; no fault meets it. */
export const OBSERVER = 'observer';

/** Which calls of the embedded AWS go wrong. */
export interface Aim {
  readonly service: 'rds-data' | 'dynamodb' | 'rds' | 'states' | 'events' | 'sts' | 'lambda';
  /** As AWS names it, such as `ExecuteStatement`. */
  readonly action: string;
  /** For `lambda`: the function that is invoked. */
  readonly by: CallMaker;
  /** Only statements with this in their text. @default - all */
  readonly sql?: string;
  /** The first call that goes wrong, from 1. @default 1 */
  readonly nth?: number;
  /** How many go wrong from there on. @default 1 */
  readonly times?: number;
}

/** An aim with a fault behind it, and whether it was ever met. */
export interface Armed {
  /** Calls that went wrong. */
  readonly fired: number;
  /** Nothing goes wrong any more. */
  disarm(): void;
}

/** One call as it was made; for finding out what can be aimed at. */
export interface SeenCall {
  readonly service: string;
  readonly action: string;
  readonly by: CallMaker;
  readonly sql: string | undefined;
  /** Name of the function that makes the call or, for `Invoke`, is called. */
  readonly functionName: string;
}

export interface FaultSwitch {
  /** What the embedded AWS asks. */
  readonly faults: Faults;
  arm(aim: Aim, fault: (call: SeenCall) => Fault): Armed;
  /** Everything that was called since the last `forget`. */
  seen(): readonly SeenCall[];
  forget(): void;
}

/** At most one fault is armed at a time; a cell has one cause. */
export function faultSwitch(): FaultSwitch {
  let choose: (call: SeenCall) => Fault | undefined = () => undefined;
  let calls: SeenCall[] = [];
  return {
    faults: (service, action, detail) => {
      const functionName = nameIn(service, detail);
      const call = { service, action, by: makerOf(functionName), sql: detail.sql, functionName };
      calls.push(call);
      return choose(call);
    },
    arm: (aim, fault) => {
      const { nth = 1, times = 1 } = aim;
      let met = 0;
      let fired = 0;
      choose = (call) => {
        if (!isMet(aim, call)) return undefined;
        met += 1;
        if (met < nth || met >= nth + times) return undefined;
        fired += 1;
        return fault(call);
      };
      return {
        get fired() {
          return fired;
        },
        disarm: () => {
          choose = () => undefined;
        },
      };
    },
    seen: () => calls,
    forget: () => {
      calls = [];
    },
  };
}

function isMet({ service, action, by, sql }: Aim, call: SeenCall): boolean {
  if (call.service !== service || call.action !== action || call.by !== by) return false;
  return sql === undefined || call.sql?.includes(sql) === true;
}

/** An invocation is known by the function that is invoked, every other call by who signed it. */
const nameIn = (service: string, { caller, functionName }: CallDetail): string =>
  (service === 'lambda' ? functionName : caller) ?? '';

/** CloudFormation's names: letters only, then eight digits of a hash. */
function makerOf(name: string): CallMaker {
  if (name === OBSERVER) return 'observer';
  const letters = /Handlers([a-z]+)/.exec(name)?.[1];
  return HANDLER_NAMES.find((handler) => handler.replaceAll('-', '') === letters) ?? 'person';
}
