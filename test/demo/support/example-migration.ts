import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseMigrationId } from '../../../lib/core/ids.ts';
import type { Migration } from '../../../lib/core/migration/migration.ts';
import { belongsToMigration } from '../../../lib/core/migration/migration-folder.ts';
import { parseMigration } from '../../../lib/core/migration/parse-migration.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';
import { exampleDirectory } from '../../../lib/demo/saas/example-directory.ts';

/** One of the example's migrations, read by the product's own parser. */
export async function exampleMigration(name: string): Promise<Migration> {
  const migrationId = parseMigrationId(name);
  if (migrationId === undefined) throw new Error(`${name} is not the name of a migration`);
  const directory = join(exampleDirectory(), 'migrations', name);
  const paths = (await readdir(directory, { recursive: true }))
    .map((path) => path.split(sep).join('/'))
    .filter(belongsToMigration);
  const files = new Map(
    await Promise.all(
      paths.map(async (path) => [path, await readFile(join(directory, path), 'utf8')] as const),
    ),
  );
  const parsed = parseMigration({ migrationId, files }, await loadParser());
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems, undefined, 2));
  return parsed.value;
}
