import { z } from 'zod';
import { MigrationFormat } from '../migration/format/migration-format.ts';
import { ConfigurationFormat } from './configuration-format.ts';

/**
 * The published JSON Schemas by file name, generated from the schemas that parse the files. They
 * complete and check the files in editors; what needs a parser of SQL is checked only by parsing.
 */
export function jsonSchemas(): Readonly<Record<string, object>> {
  return {
    'migration.schema.json': z.toJSONSchema(MigrationFormat, { io: 'input' }),
    'lockkeeper.schema.json': z.toJSONSchema(ConfigurationFormat, { io: 'input' }),
  };
}
