import { z } from 'zod';
import { MigrationFormat } from '../migration/format/migration-format.ts';
import { operationDefinitions } from '../migration/format/operations-format.ts';
import { ConfigurationFormat } from './configuration-format.ts';

/**
 * The published JSON Schemas by file name, generated from the schemas that parse the files. They
 * complete and check the files in editors; what needs a parser of SQL is checked only by parsing.
 */
export function jsonSchemas(): Readonly<Record<string, object>> {
  return {
    'migration.schema.json': migrationSchema(),
    'lockkeeper.schema.json': z.toJSONSchema(ConfigurationFormat, { io: 'input' }),
  };
}

/** Which format an operation has depends on its name, so their formats are joined by reference. */
function migrationSchema(): object {
  const { $defs, ...schema } = z.toJSONSchema(MigrationFormat, { io: 'input' });
  return { ...schema, $defs: { ...$defs, ...operationDefinitions() } };
}
