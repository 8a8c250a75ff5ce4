import { LockkeeperError } from '../../core/errors.ts';
import { evaluate, type References } from './intrinsics.ts';
import { type LocalPlace, pseudoParameters } from './local-place.ts';
import { type LocalResource, RESOURCE_TYPES, type ResourceType } from './resource-types.ts';
import type { Template, TemplateResource } from './template.ts';

/** Names of Lambda functions, the shortest limit that matters, have at most 64 characters. */
const MAX_NAME_LENGTH = 64;

/** Answers `Ref` and `Fn::GetAtt` of one template with local names and ARNs. */
export class StackReferences implements References {
  readonly #template: Template;
  readonly #place: LocalPlace;
  readonly #values: ReadonlyMap<string, string>;

  /** @param parameters values of the template's own parameters, before their defaults */
  constructor(
    template: Template,
    place: LocalPlace,
    parameters: Readonly<Record<string, string>> = {},
  ) {
    this.#template = template;
    this.#place = place;
    const defaults = Object.entries(template.Parameters ?? {}).flatMap(
      ([name, { Default }]): [string, string][] => (Default === undefined ? [] : [[name, Default]]),
    );
    this.#values = new Map([
      ...pseudoParameters(place),
      ...defaults,
      ...Object.entries(parameters),
    ]);
  }

  ref(name: string): string {
    return this.#values.get(name) ?? this.resource(name).ref;
  }

  attribute(logicalId: string, attribute: string): string {
    const value = this.resource(logicalId).attributes[attribute];
    if (value !== undefined) return value;
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `the embedded CloudFormation does not know the attribute ${logicalId}.${attribute}`,
      { facts: { logicalId, attribute } },
    );
  }

  /** The evaluated properties of a resource. */
  properties(logicalId: string): Readonly<Record<string, unknown>> {
    const { Properties = {} } = this.#declared(logicalId);
    return evaluate(Properties, this) as Readonly<Record<string, unknown>>;
  }

  /** The name that the resource has here: its own, or one made like CloudFormation's. */
  physicalName(logicalId: string): string {
    const resource = this.#declared(logicalId);
    const { nameProperty } = typeOf(logicalId, resource);
    const declared = nameProperty === undefined ? undefined : resource.Properties?.[nameProperty];
    if (declared !== undefined) return String(evaluate(declared, this));
    // The end of a logical id is a hash of its path: keep it when the name has to be cut.
    return `${this.#place.stackName}-${logicalId}`.slice(-MAX_NAME_LENGTH);
  }

  resource(logicalId: string): LocalResource {
    const type = typeOf(logicalId, this.#declared(logicalId));
    const properties = () => this.properties(logicalId);
    return type.describe(this.physicalName(logicalId), this.#place, properties);
  }

  #declared(logicalId: string): TemplateResource {
    const resource = this.#template.Resources[logicalId];
    if (resource !== undefined) return resource;
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `the template refers to ${logicalId}, which is neither a resource nor a known parameter`,
      { fix: `give the parameter ${logicalId} a value` },
    );
  }
}

/** @throws LockkeeperError EmbeddedRuntime for types and conditions that are not supported here */
export function typeOf(logicalId: string, resource: TemplateResource): ResourceType {
  const type = RESOURCE_TYPES.get(resource.Type);
  if (type === undefined) {
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `the embedded CloudFormation does not know the resource type ${resource.Type} of ${logicalId}`,
      { fix: 'deploy this stack to an AWS account or to an emulator', facts: { logicalId } },
    );
  }
  if (type.role === 'run' && resource.Condition !== undefined) {
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `the embedded CloudFormation does not evaluate the condition ${resource.Condition} of ${logicalId}`,
    );
  }
  return type;
}
