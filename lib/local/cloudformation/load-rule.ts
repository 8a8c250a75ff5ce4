import { LockkeeperError } from '../../core/errors.ts';
import type { EventRule, RuleTarget } from '../events/deploy-rules.ts';
import { checkPattern } from '../events/event-pattern.ts';
import type { TargetInput } from '../events/target-input.ts';
import { isObject, type JsonObject } from './template.ts';

/** The one bus that there is here. */
const DEFAULT_BUS = 'default';

/**
 * Reads a rule of a template. A rule that is disabled has no targets here.
 * @throws LockkeeperError EmbeddedRuntime for another schedule than a rate, another bus, or a target of
 * another kind
 * @throws UnsupportedPatternError
 */
export function loadRule(logicalId: string, name: string, properties: JsonObject): EventRule {
  const { EventPattern, EventBusName = DEFAULT_BUS, ScheduleExpression, State } = properties;
  if (String(EventBusName).split('/').at(-1) !== DEFAULT_BUS) {
    throw unsupported(logicalId, `the bus ${String(EventBusName)}`);
  }
  const declared = Array.isArray(properties['Targets']) ? properties['Targets'] : [];
  const targets =
    State === 'DISABLED' ? [] : declared.map((target) => loadTarget(logicalId, target));
  if (ScheduleExpression !== undefined) {
    return { name, targets, everyMs: rateOf(logicalId, String(ScheduleExpression)) };
  }
  const pattern: unknown = EventPattern;
  checkPattern(pattern);
  return { name, pattern, targets };
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** `rate(5 minutes)`: the schedules that the product has. */
function rateOf(logicalId: string, expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (unit === undefined) throw unsupported(logicalId, `the schedule ${expression}`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

function loadTarget(logicalId: string, target: unknown): RuleTarget {
  const { Arn, ...rest } = isObject(target) ? target : {};
  const arn = String(Arn);
  if (/^arn:[^:]+:states:[^:]*:\d*:stateMachine:|^arn:[^:]+:lambda:[^:]*:\d*:function:/.test(arn)) {
    return { arn, input: inputOf(rest) };
  }
  throw unsupported(logicalId, `the target ${arn}`);
}

function inputOf({ Input, InputPath, InputTransformer }: JsonObject): TargetInput {
  if (typeof Input === 'string') return { kind: 'constant', json: Input };
  if (typeof InputPath === 'string') return { kind: 'path', path: InputPath };
  if (!isObject(InputTransformer)) return { kind: 'event' };
  const { InputPathsMap = {}, InputTemplate } = InputTransformer;
  return {
    kind: 'template',
    paths: InputPathsMap as Readonly<Record<string, string>>,
    template: String(InputTemplate),
  };
}

function unsupported(logicalId: string, what: string): LockkeeperError {
  return new LockkeeperError(
    'EmbeddedRuntime',
    `the embedded EventBridge does not know ${what} of the rule ${logicalId}`,
    {
      fix: 'rules here match events and start a state machine or a function',
      facts: { logicalId },
    },
  );
}
