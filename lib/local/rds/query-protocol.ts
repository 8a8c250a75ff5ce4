import { randomUUID } from 'node:crypto';
import type { AwsError } from '../http/aws-error.ts';
import { invalidParameterValue, missingParameter } from './errors.ts';

/** The form members of one call, such as `Tags.Tag.1.Key`. */
export interface QueryParameters {
  text(name: string): string | undefined;
  /** @throws AwsError `MissingParameter` */
  required(name: string): string;
  flag(name: string): boolean | undefined;
  /** @throws AwsError `InvalidParameterValue` when it is not a number */
  number(name: string): number | undefined;
  /** `list('Tags.Tag')` gives the members of `Tags.Tag.1`, `Tags.Tag.2`, in order. */
  list(prefix: string): readonly QueryParameters[];
  /** `texts('VpcSecurityGroupIds.VpcSecurityGroupId')` */
  texts(prefix: string): readonly string[];
}

/** Reads an `application/x-www-form-urlencoded` body of the AWS query protocol. */
export function parseForm(body: string): QueryParameters {
  return parametersOf(new Map(new URLSearchParams(body)));
}

function parametersOf(members: ReadonlyMap<string, string>): QueryParameters {
  const indexed = (prefix: string): readonly string[] => {
    const keys = [...members.keys()].filter((key) => key.startsWith(`${prefix}.`));
    const indexes = new Set(keys.map((key) => key.slice(prefix.length + 1).split('.')[0] ?? ''));
    return [...indexes].sort((a, b) => Number(a) - Number(b));
  };
  const text = (name: string): string | undefined => members.get(name);
  return {
    text,
    required: (name) => {
      const value = text(name);
      if (value === undefined || value === '') throw missingParameter(name);
      return value;
    },
    flag: (name) => (text(name) === undefined ? undefined : text(name) === 'true'),
    number: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      if (Number.isFinite(Number(value))) return Number(value);
      throw invalidParameterValue(`${name} must be a number, got ${value}`);
    },
    list: (prefix) =>
      indexed(prefix).map((index) => {
        const start = `${prefix}.${index}.`;
        const inside = [...members].filter(([key]) => key.startsWith(start));
        return parametersOf(
          new Map(inside.map(([key, value]) => [key.slice(start.length), value])),
        );
      }),
    texts: (prefix) => indexed(prefix).map((index) => text(`${prefix}.${index}`) ?? ''),
  };
}

/** A list on the wire: every element gets the same tag. */
export interface XmlList {
  readonly element: string;
  readonly items: readonly XmlValue[];
}

/** What an answer is made of; undefined members are left out. */
export type XmlValue = string | number | boolean | undefined | XmlList | XmlMembers;
export interface XmlMembers {
  readonly [member: string]: XmlValue;
}

export const xmlList = (element: string, items: readonly XmlValue[]): XmlList => ({
  element,
  items,
});

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';

/** A successful answer of the query protocol. */
export function responseXml(action: string, result: XmlMembers): string {
  return `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${members(result)}</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`;
}

/** A fault of the query protocol. */
export function errorXml(error: AwsError): string {
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  return `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${escaped(error.code)}</Code><Message>${escaped(error.message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}

function members(value: XmlMembers): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `<${name}>${content(member)}</${name}>`)
    .join('');
}

function content(value: XmlValue): string {
  if (typeof value !== 'object') return escaped(String(value));
  if (isList(value)) {
    return value.items
      .map((item) => `<${value.element}>${content(item)}</${value.element}>`)
      .join('');
  }
  return members(value);
}

function isList(value: XmlList | XmlMembers): value is XmlList {
  return Array.isArray(value['items']);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}
