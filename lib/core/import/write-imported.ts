import { Document, isMap, isScalar, parseDocument } from 'yaml';
import type { SourceText } from '../migration/source/source-text.ts';
import type { StaleDown } from './stale-down.ts';

/** Where a project that installed the package finds the schema, from `migrations/<id>/`. */
const SCHEMA_PATH = '../../node_modules/lockkeeper/schema/migration.schema.json';

/**
 * The same operations as a migration of ours. YAML keeps its comments and its layout; JSON, which
 * has neither, becomes YAML that people can read.
 * @param source a mapping that was read before
 */
export function writeImported(
  source: SourceText,
  title: string,
  dropped: readonly string[],
  stale: readonly StaleDown[] = [],
): string {
  const document = source.file.toLowerCase().endsWith('.json')
    ? new Document(JSON.parse(source.text) as unknown)
    : parseDocument(source.text);
  for (const { path, written, column } of stale) {
    const value = document.createNode(column);
    value.comment = ` pgroll's file says ${written}, which is no column of the table`;
    document.setIn(path, value);
  }
  const contents = document.contents;
  if (isMap(contents)) {
    contents.items = contents.items.filter(
      ({ key }) => !dropped.includes(String(isScalar(key) ? key.value : key)),
    );
    const head = { version: 1, title, versioned_schema: true };
    contents.items.unshift(
      ...Object.entries(head).map(([key, value]) => document.createPair(key, value)),
    );
  }
  const text = document.toString({ lineWidth: 0 });
  return `# yaml-language-server: $schema=${SCHEMA_PATH}\n# Imported from pgroll: ${source.file}\n${text}`;
}
