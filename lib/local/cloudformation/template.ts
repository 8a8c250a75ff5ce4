import { LockkeeperError } from '../../core/errors.ts';

/** The parts of a CloudFormation template that are read here. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Checks that `value` is a template.
 *
 * @param source named in the message
 * @throws LockkeeperError EmbeddedRuntime when it has no resources
 */
export function parseTemplate(value: unknown, source: string): Template {
  const resources = isObject(value) ? value['Resources'] : undefined;
  const valid =
    isObject(resources) &&
    Object.values(resources).every((one) => isObject(one) && typeof one['Type'] === 'string');
  if (!valid) {
    throw new LockkeeperError('EmbeddedRuntime', `${source} is no CloudFormation template`, {
      fix: 'synthesize it again with `npx cdk synth`',
    });
  }
  return value as Template;
}
