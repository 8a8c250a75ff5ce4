import type { DeclaredOperation } from '../migration/migration.ts';
import { readRelationName } from './relation-name.ts';

/** Keys under which operations name a table, an index or a type. */
const NAMING_KEYS: ReadonlySet<string> = new Set([
  'table',
  'name',
  'from',
  'to',
  'type',
  'partition',
]);

/**
 * Schemas that the operations name. One too many costs a look at a schema that does not exist, one
 * too few would make its tables missing.
 */
export function namedSchemas(operations: readonly DeclaredOperation[]): readonly string[] {
  const found = operations.flatMap(({ declared }) => schemasIn(declared));
  return [...new Set(found)];
}

function schemasIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(schemasIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner !== 'string') return schemasIn(inner);
    const schema = NAMING_KEYS.has(key) ? readRelationName(inner).schema : undefined;
    return schema === undefined ? [] : [schema];
  });
}
