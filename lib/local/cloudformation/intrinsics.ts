import { LockkeeperError } from '../../core/errors.ts';
import { isObject } from './template.ts';

/** What the intrinsic functions ask about. Every answer is a plain value. */
export interface References {
  /** `Ref`: a resource, a parameter or a pseudo parameter. Throws for what it does not know. */
  ref(name: string): unknown;
  /** `Fn::GetAtt`. Throws for what it does not know. */
  attribute(logicalId: string, attribute: string): unknown;
}

type Intrinsic = (argument: unknown, references: References) => unknown;

const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ['Ref', (name, references) => references.ref(text('Ref', name))],
  ['Fn::GetAtt', getAtt],
  ['Fn::Join', join],
  ['Fn::Sub', sub],
  ['Fn::Select', select],
  ['Fn::Split', split],
]);

/**
 * Replaces every intrinsic function inside `value` by its result.
 *
 * @throws LockkeeperError EmbeddedRuntime for an intrinsic function that is not supported here
 */
export function evaluate(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, references));
  if (!isObject(value)) return value;
  const [[key, argument] = [undefined, undefined], ...others] = Object.entries(value);
  if (others.length === 0 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) {
    const intrinsic = INTRINSICS.get(key);
    if (intrinsic !== undefined) return intrinsic(argument, references);
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `the embedded CloudFormation does not know the function ${key}`,
      { fix: `supported are ${[...INTRINSICS.keys()].join(', ')}` },
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, evaluate(inner, references)]),
  );
}

function getAtt(argument: unknown, references: References): unknown {
  const [logicalId, ...attribute] =
    typeof argument === 'string' ? argument.split('.') : list('Fn::GetAtt', argument);
  return references.attribute(
    text('Fn::GetAtt', logicalId),
    attribute.map((part) => text('Fn::GetAtt', evaluate(part, references))).join('.'),
  );
}

function join(argument: unknown, references: References): string {
  const [delimiter, parts] = list('Fn::Join', argument);
  return list('Fn::Join', evaluate(parts, references))
    .map((part) => text('Fn::Join', part))
    .join(text('Fn::Join', delimiter));
}

/** `${Name}`, `${Resource.Attribute}`, `${!Literal}`; the list form brings variables of its own. */
function sub(argument: unknown, references: References): string {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = isObject(variables) ? variables : {};
  return text('Fn::Sub', template).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(own, name)) return text('Fn::Sub', evaluate(own[name], references));
    return text('Fn::Sub', name.includes('.') ? getAtt(name, references) : references.ref(name));
  });
}

function select(argument: unknown, references: References): unknown {
  const [index, items] = list('Fn::Select', argument);
  return list('Fn::Select', evaluate(items, references))[Number(index)];
}

function split(argument: unknown, references: References): readonly string[] {
  const [delimiter, whole] = list('Fn::Split', argument);
  return text('Fn::Split', evaluate(whole, references)).split(text('Fn::Split', delimiter));
}

function list(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed(name, 'a list', value);
}

/** CloudFormation turns numbers and booleans into text where it needs text. */
function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw malformed(name, 'a text', value);
}

function malformed(name: string, expected: string, value: unknown): LockkeeperError {
  return new LockkeeperError(
    'EmbeddedRuntime',
    `${name} needs ${expected}, got ${JSON.stringify(value) ?? 'nothing'}`,
  );
}
