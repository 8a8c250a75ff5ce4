import { LockkeeperError } from '../../core/errors.ts';
import type { TableProperties } from '../dynamodb/table.ts';
import type { EventRule } from '../events/deploy-rules.ts';
import { readCloudAssembly, type SynthesizedStack } from './cloud-assembly.ts';
import { evaluate } from './intrinsics.ts';
import { loadRule } from './load-rule.ts';
import { EMBEDDED_PLACE, type LocalPlace } from './local-place.ts';
import { StackReferences, typeOf } from './stack-references.ts';
import { isObject, type JsonObject } from './template.ts';

/** A synthesized stack as plain values: everything that the embedded runtime starts. */
export interface LoadedStack {
  readonly stackName: string;
  readonly functions: readonly LoadedFunction[];
  readonly stateMachines: readonly LoadedStateMachine[];
  readonly tables: readonly LoadedTable[];
  readonly rules: readonly EventRule[];
  /** The stack's outputs, as a deployed stack would show them. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface LoadedFunction {
  readonly logicalId: string;
  readonly name: string;
  /** `file.export`. */
  readonly handler: string;
  /** Absolute path of the folder with the bundled code. */
  readonly bundlePath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** MiB. */
  readonly memoryMb: number;
}

export interface LoadedStateMachine {
  readonly logicalId: string;
  readonly name: string;
  /** Amazon States Language, JSON. */
  readonly definition: string;
}

export interface LoadedTable {
  readonly logicalId: string;
  readonly create: TableProperties;
}

export interface LoadOptions {
  /**
   * Region, account and partition of the ARNs.
   * @default - those of the embedded services
   */
  readonly place?: Omit<LocalPlace, 'stackName'>;
  /**
   * Values of the template's parameters.
   * @default - the defaults that the template gives
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Loads the stack of a cloud assembly: the small part of CloudFormation that lets the synthesized
 * template run without an account.
 *
 * @param source the folder that `cdk synth` wrote, or a stack that was read already
 * @throws LockkeeperError EmbeddedRuntime for whatever is in the template and would be lost here
 */
export async function loadStack(
  source: string | SynthesizedStack,
  options: LoadOptions = {},
): Promise<LoadedStack> {
  const stack = typeof source === 'string' ? await readCloudAssembly(source) : source;
  const place = { ...(options.place ?? EMBEDDED_PLACE), stackName: stack.stackName };
  const references = new StackReferences(stack.template, place, options.parameters);
  const resources = Object.entries(stack.template.Resources);
  for (const [logicalId, resource] of resources) typeOf(logicalId, resource);

  const ofType = <T>(type: string, load: (logicalId: string, properties: JsonObject) => T) =>
    resources
      .filter(([, resource]) => resource.Type === type)
      .map(([logicalId]) => load(logicalId, references.properties(logicalId)));

  return {
    stackName: stack.stackName,
    functions: ofType('AWS::Lambda::Function', (logicalId, properties) => ({
      ...loadFunction(logicalId, properties, stack.assets),
      name: references.physicalName(logicalId),
    })),
    stateMachines: ofType('AWS::StepFunctions::StateMachine', (logicalId, properties) => ({
      logicalId,
      name: references.physicalName(logicalId),
      definition: definitionOf(logicalId, properties),
    })),
    tables: ofType('AWS::DynamoDB::Table', (logicalId, properties) => ({
      logicalId,
      create: createTable(references.physicalName(logicalId), properties),
    })),
    rules: ofType('AWS::Events::Rule', (logicalId, properties) =>
      loadRule(logicalId, references.physicalName(logicalId), properties),
    ),
    outputs: Object.fromEntries(
      Object.entries(stack.template.Outputs ?? {}).map(([name, { Value }]) => [
        name,
        String(evaluate(Value, references)),
      ]),
    ),
  };
}

function loadFunction(
  logicalId: string,
  properties: JsonObject,
  assets: SynthesizedStack['assets'],
): Omit<LoadedFunction, 'name'> {
  const code = isObject(properties['Code']) ? properties['Code'] : {};
  const bundlePath = assets.get(String(code['S3Key']));
  if (bundlePath === undefined) {
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `the code of the function ${logicalId} is not among the assets of the cloud assembly`,
      { fix: 'give the function its code as an asset', facts: { logicalId } },
    );
  }
  const environment = isObject(properties['Environment']) ? properties['Environment'] : {};
  const variables = isObject(environment['Variables']) ? environment['Variables'] : {};
  return {
    logicalId,
    handler: String(properties['Handler']),
    bundlePath,
    environment: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, String(value)]),
    ),
    timeoutSeconds: Number(properties['Timeout'] ?? 3), // the default of AWS::Lambda::Function
    memoryMb: Number(properties['MemorySize'] ?? 128), // likewise
  };
}

function definitionOf(logicalId: string, properties: JsonObject): string {
  const definition = properties['DefinitionString'];
  if (typeof definition === 'string') return definition;
  throw new LockkeeperError(
    'EmbeddedRuntime',
    `the state machine ${logicalId} must have its definition in DefinitionString`,
    { facts: { logicalId } },
  );
}

/** Keeps what shapes a table; backups, encryption and protection only exist on AWS. */
function createTable(name: string, properties: JsonObject): TableProperties {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, BillingMode } = properties;
  return {
    TableName: name,
    KeySchema,
    AttributeDefinitions,
    BillingMode: BillingMode ?? 'PROVISIONED',
    ...(GlobalSecondaryIndexes === undefined ? {} : { GlobalSecondaryIndexes }),
  } as TableProperties;
}
