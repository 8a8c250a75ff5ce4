import { type LocalPlace, localArn } from './local-place.ts';

/** A resource as other resources see it. */
export interface LocalResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ResourceType {
  /**
   * `run`: the loader hands it to the embedded runtime. `inert`: it only matters on AWS (who may do
   * what, where logs go), so it exists here as a name that others can refer to.
   */
  readonly role: 'run' | 'inert';
  /** The property that names it, where the template does. */
  readonly nameProperty?: string;
  /** @param properties evaluated when asked for, so that a name never costs more than a name */
  describe(name: string, place: LocalPlace, properties: () => Properties): LocalResource;
}

type Properties = Readonly<Record<string, unknown>>;

const nameOnly: ResourceType['describe'] = (name) => ({ ref: name, attributes: {} });

const withArn =
  (service: string, resource: (name: string) => string): ResourceType['describe'] =>
  (name, place) => ({
    ref: name,
    attributes: { Arn: localArn(place, service, resource(name)) },
  });

/** Every resource type that the embedded runtime accepts in the synthesized template. */
export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map<string, ResourceType>([
  [
    'AWS::Lambda::Function',
    {
      role: 'run',
      nameProperty: 'FunctionName',
      describe: withArn('lambda', (name) => `function:${name}`),
    },
  ],
  ['AWS::Lambda::Version', { role: 'run', describe: describeVersion }],
  [
    'AWS::StepFunctions::StateMachine',
    {
      role: 'run',
      nameProperty: 'StateMachineName',
      describe(name, place) {
        const arn = localArn(place, 'states', `stateMachine:${name}`);
        return { ref: arn, attributes: { Arn: arn, Name: name } };
      },
    },
  ],
  [
    'AWS::DynamoDB::Table',
    {
      role: 'run',
      nameProperty: 'TableName',
      describe: withArn('dynamodb', (name) => `table/${name}`),
    },
  ],
  [
    'AWS::KMS::Key',
    {
      role: 'inert',
      describe: (name, place) => ({
        ref: name,
        attributes: { Arn: localArn(place, 'kms', `key/${name}`), KeyId: name },
      }),
    },
  ],
  [
    'AWS::Events::EventBus',
    {
      role: 'inert',
      nameProperty: 'Name',
      describe: (name, place) => ({
        ref: name,
        attributes: { Arn: localArn(place, 'events', `event-bus/${name}`), Name: name },
      }),
    },
  ],
  [
    'AWS::IAM::Role',
    { role: 'inert', nameProperty: 'RoleName', describe: withArn('iam', (name) => `role/${name}`) },
  ],
  [
    'AWS::Logs::LogGroup',
    {
      role: 'inert',
      nameProperty: 'LogGroupName',
      describe: withArn('logs', (name) => `log-group:${name}:*`),
    },
  ],
  [
    'AWS::Events::Rule',
    { role: 'run', nameProperty: 'Name', describe: withArn('events', (name) => `rule/${name}`) },
  ],
  ['AWS::Lambda::Permission', { role: 'inert', describe: nameOnly }],
  ['AWS::Lambda::EventInvokeConfig', { role: 'inert', describe: nameOnly }],
  [
    'AWS::SQS::Queue',
    { role: 'inert', nameProperty: 'QueueName', describe: withArn('sqs', (name) => name) },
  ],
  ['AWS::SQS::QueuePolicy', { role: 'inert', describe: nameOnly }],
  ['AWS::KMS::Alias', { role: 'inert', nameProperty: 'AliasName', describe: nameOnly }],
  ['AWS::IAM::Policy', { role: 'inert', describe: nameOnly }],
  ['AWS::IAM::ManagedPolicy', { role: 'inert', describe: nameOnly }],
  ['AWS::CDK::Metadata', { role: 'inert', describe: nameOnly }],
]);

/** One code runs here, so there is one version of it. */
function describeVersion(
  _name: string,
  place: LocalPlace,
  properties: () => Properties,
): LocalResource {
  const functionArn = localArn(place, 'lambda', `function:${String(properties()['FunctionName'])}`);
  const arn = `${functionArn}:1`;
  return { ref: arn, attributes: { FunctionArn: arn, Version: '1' } };
}
