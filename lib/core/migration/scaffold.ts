import { stringify } from 'yaml';
import { MIGRATION_ID_MAX_LENGTH, type MigrationId } from '../ids.ts';
import { MIGRATION_FILE } from './migration-folder.ts';

/** Where a project that installed the package finds the schema, from `migrations/<id>/`. */
const SCHEMA_PATH = '../../node_modules/lockkeeper/schema/migration.schema.json';
/** The first number of a project; later ones keep the width of the newest. */
const FIRST_NUMBER = '0001';

/** The id after the newest of the project's migrations, with the title in snake_case. */
export function nextMigrationId(title: string, existing: readonly MigrationId[]): MigrationId {
  const newest = /^\d+/.exec([...existing].sort().at(-1) ?? '')?.[0];
  const number =
    newest === undefined ? FIRST_NUMBER : String(BigInt(newest) + 1n).padStart(newest.length, '0');
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  const id = `${number}_${words === '' ? 'migration' : words}`;
  return id.slice(0, MIGRATION_ID_MAX_LENGTH).replace(/_$/, '') as MigrationId;
}

/**
 * The files of a new migration: valid as they are, with an example of each phase to be replaced.
 *
 * @param schemaPath path of the JSON Schema from the folder of the migration, for editors
 */
export function scaffoldMigration(
  title: string,
  schemaPath: string = SCHEMA_PATH,
): ReadonlyMap<string, string> {
  return new Map([[MIGRATION_FILE, template(stringify({ title }).trimEnd(), schemaPath)]]);
}

const template = (title: string, schemaPath: string) => `\
# yaml-language-server: $schema=${schemaPath}
version: 1
${title}

# Adds the new structure beside the old one. Every step says how it is taken back.
expand:
  - id: add_new_column
    sql: alter table my_table add column new_column text
    undo: alter table my_table drop column new_column

# Moves the rows in small batches, once the application that writes both is deployed.
backfill:
  - id: fill_new_column
    table: my_table
    set:
      new_column: lower(old_column)
    where: new_column is null

# Proves that the data is right before anything old goes away.
validate:
  - id: nothing_left
    query: select count(*) from my_table where new_column is null
    expect: 0

# Cuts off the old structure so that it can come back in a second.
# contract:
#   - id: hide_old_column
#     sql: alter table my_table rename column old_column to old_column_retired
#     undo: alter table my_table rename column old_column_retired to old_column

# Drops the old structure for good, after the soak gate.
# finalize:
#   - id: drop_old_column
#     sql: alter table my_table drop column old_column_retired
#     irreversible: the values of old_column are gone

# What is not written here has a default: docs/formats.md.
# gates:
#   deploy: {kind: signal, signals: [app], timeout: 7d, on_timeout: hold}
`;
