import type { Node } from 'libpg-query';
import { nameOfParts, type SqlName, stringsOf } from './sql-name.ts';

/** What statements name, so that the catalog can be asked about it in one go. */
export interface NamedObjects {
  readonly relations: readonly SqlName[];
  readonly types: readonly SqlName[];
  readonly functions: readonly SqlName[];
}

/**
 * Everything in the parse trees that could be the name of a relation, a type or a function. Where
 * the tree does not tell (`DROP TRIGGER tg ON a.t` and `DROP TABLE a.t` are both lists of words),
 * each reading is given: a name that does not exist costs nothing.
 */
export function namedObjects(nodes: readonly Node[]): NamedObjects {
  const found = { relations: new Names(), types: new Names(), functions: new Names() };
  collect(nodes, found);
  return {
    relations: found.relations.list(),
    types: found.types.list(),
    functions: found.functions.list(),
  };
}

interface Found {
  readonly relations: Names;
  readonly types: Names;
  readonly functions: Names;
}

/** Each name once, in the order of the text. */
class Names {
  readonly #byKey = new Map<string, SqlName>();

  add(parts: readonly string[]): void {
    if (parts.length === 0) return;
    const name = nameOfParts(parts);
    this.#byKey.set(JSON.stringify([name.schema, name.name]), name);
  }

  list(): readonly SqlName[] {
    return [...this.#byKey.values()];
  }
}

function collect(tree: unknown, found: Found): void {
  if (Array.isArray(tree)) {
    for (const item of tree) collect(item, found);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  if ('relname' in tree && typeof tree.relname === 'string') {
    const schema = 'schemaname' in tree && typeof tree.schemaname === 'string' && tree.schemaname;
    found.relations.add(schema ? [schema, tree.relname] : [tree.relname]);
  }
  for (const [field, value] of Object.entries(tree)) {
    readWords(field, words(value), found);
    collect(value, found);
  }
}

function readWords(field: string, parts: readonly string[], found: Found): void {
  switch (field) {
    case 'names':
    case 'typeName':
      found.types.add(parts);
      break;
    case 'funcname':
    case 'objname':
      found.functions.add(parts);
      break;
    case 'items':
      found.relations.add(parts);
      // The last word may be a column, trigger or policy of the relation before it.
      found.relations.add(parts.slice(0, -1));
      break;
  }
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? stringsOf(value.filter(isNode)) : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
