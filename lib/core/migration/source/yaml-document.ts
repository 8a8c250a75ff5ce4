import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { SourceLocation } from '../migration.ts';
import type { Parsed, Problem } from '../problem.ts';
import { byLocation } from '../render-problems.ts';
import { offsetInScalar } from './scalar-position.ts';
import { frameAt, locationAt, type SourceText } from './source-text.ts';

/** The way from a document's root to a value: keys and list positions. */
export type ValuePath = readonly (string | number)[];

/** A YAML file that was read, and where each of its values stands. */
export interface YamlDocument extends SourceText {
  /** Plain objects, lists and scalars; not trusted yet. */
  readonly value: unknown;
  /** Where the value starts; for a value that is absent, its nearest parent that exists. */
  locationOf(path: ValuePath): SourceLocation;
  /** Where the last key of the path is written. */
  locationOfKey(path: ValuePath): SourceLocation;
  /** Where a character of the text at this path is written. */
  locationInText(path: ValuePath, index: number): SourceLocation;
}

/**
 * Reads one YAML 1.2 document. Syntax errors, duplicate keys, unknown tags and aliases are
 * problems; aliases because what is reviewed should be readable where it stands.
 */
export function readYaml(source: SourceText): Parsed<YamlDocument> {
  const document = parseDocument(source.text, { prettyErrors: false, stringKeys: true });
  const problems = [
    ...[...document.errors, ...document.warnings].map((mistake) => mistakeProblem(source, mistake)),
    ...aliasProblems(source, document),
  ];
  return problems.length > 0
    ? { kind: 'invalid', problems: problems.toSorted(byLocation) }
    : { kind: 'parsed', value: locatedDocument(source, document) };
}

function mistakeProblem(source: SourceText, mistake: YAMLError): Problem {
  const location = locationAt(source, mistake.pos[0]);
  const frame = frameAt(source, location);
  if (mistake.code !== 'DUPLICATE_KEY') {
    const message = mistake.message.charAt(0).toLowerCase() + mistake.message.slice(1);
    return { rule: 'yaml-syntax', location, message, frame };
  }
  const key = /^[^\s:]*/.exec(source.text.slice(mistake.pos[0]))?.[0] ?? '';
  return {
    rule: 'duplicate-key',
    location,
    message: `the key ${key} appears twice in the same mapping`,
    expected: 'each key once',
    fix: 'join the two values under one key',
    frame,
  };
}

function aliasProblems(source: SourceText, document: Document): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_key, alias) {
      const location = locationAt(source, alias.range?.[0] ?? 0);
      problems.push({
        rule: 'yaml-alias',
        location,
        message: `the alias *${alias.source} is not supported`,
        fix: 'write the value again where it is used',
        frame: frameAt(source, location),
      });
    },
  });
  return problems;
}

function locatedDocument(source: SourceText, document: Document): YamlDocument {
  const at = (offset: number) => locationAt(source, offset);
  const nodeAt = (path: ValuePath) =>
    path.length === 0 ? document.contents : document.getIn(path, true);
  const locationOf = (path: ValuePath): SourceLocation => {
    for (let length = path.length; length >= 0; length--) {
      const range = rangeOf(nodeAt(path.slice(0, length)));
      if (range !== undefined) return at(range[0]);
    }
    return at(0);
  };
  return {
    ...source,
    value: document.toJS(),
    locationOf,
    locationOfKey(path) {
      const parent = nodeAt(path.slice(0, -1));
      const pair = isMap(parent) ? pairOf(parent.items, path.at(-1)) : undefined;
      const range = rangeOf(pair?.key);
      return range === undefined ? locationOf(path) : at(range[0]);
    },
    locationInText(path, index) {
      const node = nodeAt(path);
      return isScalar(node) ? at(offsetInScalar(source.text, node, index)) : locationOf(path);
    },
  };
}

function pairOf(items: readonly Pair[], key: string | number | undefined): Pair | undefined {
  return items.find((item) => isScalar(item.key) && item.key.value === String(key));
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  const located = isScalar(node) || isMap(node) || isSeq(node);
  return located ? (node.range ?? undefined) : undefined;
}
