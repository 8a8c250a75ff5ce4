import { Document, isMap, isSeq } from 'yaml';
import type { ConvertedOperation } from './conversion.ts';

/** Where a project that installed the package finds the schema, from `migrations/<id>/`. */
const SCHEMA_PATH = '../../node_modules/lockkeeper/schema/migration.schema.json';

/** The operations as a `migration.yaml`, each with the reasons of its choices above it. */
export function writeOperations(
  title: string,
  from: string,
  operations: readonly ConvertedOperation[],
): string {
  const document = new Document({
    version: 1,
    title,
    operations: operations.map(({ operation }) => operation),
  });
  const list = document.get('operations');
  if (isSeq(list)) {
    for (const [index, item] of list.items.entries()) {
      const comments = operations[index]?.comments ?? [];
      if (isMap(item) && comments.length > 0) {
        item.commentBefore = comments.map((line) => ` ${line}`).join('\n');
      }
    }
  }
  const text = document.toString({ lineWidth: 0 });
  return `# yaml-language-server: $schema=${SCHEMA_PATH}\n# Converted from ${from}\n${text}`;
}
