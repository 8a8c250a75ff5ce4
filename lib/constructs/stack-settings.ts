import { LockkeeperError } from '../core/errors.ts';
import type { FourEyes } from '../core/workflow/handlers.ts';

/** Which database a stack of Lockkeeper migrates. */
export interface StackSettings {
  readonly clusterIdentifier: string;
  /** The complete ARN of the secret, with the six characters that Secrets Manager adds. */
  readonly secretArn: string;
  readonly databaseName: string;
  /** More environment variables of the handlers; empty on AWS. */
  readonly handlerEnvironment: Readonly<Record<string, string>>;
  /** Each database has a stack of its own. @default 'Lockkeeper' */
  readonly stackName?: string;
  /**
   * `destroy` takes the control table, its key and the logs away with the stack: for a stack that only
   * a test needs.
   * @default 'retain'
   */
  readonly removalPolicy?: 'retain' | 'destroy';
  /**
   * `as-configured` lets the project's own configuration say whether who started an execution may
   * approve it; `required` never does.
   * @default 'required'
   */
  readonly fourEyes?: FourEyes;
  /** The topic that alarms tell; it may have an owner of its own. @default - no alarms */
  readonly alarmTopicArn?: string;
  /** Whether there is a dashboard. @default 'no' */
  readonly dashboard?: 'yes' | 'no';
  /** Whether the throttle of backfills reads CloudWatch too. @default 'no' */
  readonly hostMetrics?: 'yes' | 'no';
  /** Whether pipelines may signal deployments with events of their own. @default 'no' */
  readonly customSignals?: 'yes' | 'no';
  /** Whether executions start through an alias; `no` for emulators without one. @default 'yes' */
  readonly stateMachineAlias?: 'yes' | 'no';
}

/** CloudFormation: letters, digits and hyphens, a letter first, at most 128. */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** RDS: 1 to 63 letters, digits and hyphens; a letter first, no double or trailing hyphen. */
const CLUSTER_IDENTIFIER = /^(?=.{1,63}$)[a-z](?:-?[a-z0-9])*$/i;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/;
const TOPIC_ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(?:\.fifo)?$/;

/**
 * Reads the settings from the CDK context: each from `-c <name>=<value>` or else from the object
 * `lockkeeper` in cdk.json. Everything that is wrong is reported at once.
 *
 * @param context reads one key of the context
 * @throws LockkeeperError InvalidConfiguration
 */
export function parseStackSettings(context: (key: string) => unknown): StackSettings {
  const fromFile = context('lockkeeper');
  const group = isRecord(fromFile) ? fromFile : {};
  const problems: string[] = [];
  const text = (name: string, pattern: RegExp, expected: string): string => {
    const value = context(name) ?? group[name];
    if (typeof value === 'string' && pattern.test(value)) return value;
    problems.push(`${name} must be ${expected}, got ${JSON.stringify(value) ?? 'nothing'}`);
    return '';
  };
  const yesOrNo = (name: string) =>
    text(name, /^(?:yes|no)$/, "'yes' or 'no'") === 'yes' ? 'yes' : 'no';
  const given = (name: string): boolean => (context(name) ?? group[name]) !== undefined;
  const settings: StackSettings = {
    clusterIdentifier: text(
      'clusterIdentifier',
      CLUSTER_IDENTIFIER,
      'the identifier of an Aurora cluster',
    ),
    secretArn: text(
      'secretArn',
      SECRET_ARN,
      "a secret's complete ARN, its last six characters too",
    ),
    databaseName: text('databaseName', /\S/, 'the name of a database in the cluster'),
    handlerEnvironment: environment(
      context('handlerEnvironment') ?? group['handlerEnvironment'],
      problems,
    ),
    ...(given('stackName') && {
      stackName: text('stackName', STACK_NAME, 'letters, digits and hyphens, a letter first'),
    }),
    ...(given('removalPolicy') && {
      removalPolicy:
        text('removalPolicy', /^(?:retain|destroy)$/, "'retain' or 'destroy'") === 'destroy'
          ? 'destroy'
          : 'retain',
    }),
    ...(given('fourEyes') && {
      fourEyes:
        text('fourEyes', /^(?:required|as-configured)$/, "'required' or 'as-configured'") ===
        'as-configured'
          ? 'as-configured'
          : 'required',
    }),
    ...(given('alarmTopicArn') && {
      alarmTopicArn: text('alarmTopicArn', TOPIC_ARN, 'the ARN of an SNS topic'),
    }),
    ...(given('dashboard') && { dashboard: yesOrNo('dashboard') }),
    ...(given('hostMetrics') && { hostMetrics: yesOrNo('hostMetrics') }),
    ...(given('customSignals') && { customSignals: yesOrNo('customSignals') }),
    ...(given('stateMachineAlias') && { stateMachineAlias: yesOrNo('stateMachineAlias') }),
  };
  if (problems.length === 0) return settings;
  throw new LockkeeperError('InvalidConfiguration', problems.join('; '), {
    fix: 'set it under "lockkeeper" in the context of cdk.json, or with -c <name>=<value>',
  });
}

/** An object in cdk.json; a text of JSON on the command line, which knows nothing else. */
function environment(value: unknown, problems: string[]): Readonly<Record<string, string>> {
  const parsed = typeof value === 'string' ? parseJson(value) : (value ?? {});
  if (isRecord(parsed) && Object.values(parsed).every((one) => typeof one === 'string')) {
    return parsed as Readonly<Record<string, string>>;
  }
  problems.push('handlerEnvironment must be a JSON object of texts');
  return {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
