import type { Migration } from '../../core/migration/migration.ts';
import type { Parsed } from '../../core/migration/problem.ts';
import { lowerOperations } from '../../core/operations/lower-operations.ts';
import { namedSchemas } from '../../core/operations/named-schemas.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import type { Session } from '../../ports/database.ts';
import { readSchemaModel } from '../../postgres/schema-model/read-schema-model.ts';

/**
 * The migration with its operations turned into steps for the live target. Reads only.
 * Invalid when an operation does not fit the schema as it is.
 */
export async function lowerOnTarget(
  session: Session,
  migration: Migration,
  parser: SqlParser,
): Promise<Parsed<Migration>> {
  if (migration.operations.length === 0) return { kind: 'parsed', value: migration };
  const model = await readSchemaModel(session, namedSchemas(migration.operations));
  return lowerOperations(migration, model, parser);
}
