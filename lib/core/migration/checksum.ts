import { createHash } from 'node:crypto';
import type { Checksum } from '../ids.ts';
import { belongsToMigration, plainText } from './migration-folder.ts';

/** Changes only together with the rule; a checksum in a ledger must stay comparable for ever. */
const RULE = 'lockkeeper-checksum-v1';

/**
 * The identity of a migration's content, promised in docs/formats.md: SHA-256 over the rule's
 * name and, for each file that belongs to the migration, sorted by path, its path, its length in
 * bytes and its canonical text. The length keeps two files from looking like one.
 */
export function checksumOf(files: ReadonlyMap<string, string>): Checksum {
  const hash = createHash('sha256').update(`${RULE}\n`);
  const paths = [...files.keys()].filter(belongsToMigration).sort(byCodePoint);
  for (const path of paths) {
    const content = Buffer.from(canonicalText(files.get(path) ?? ''));
    hash.update(`${path}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex') as Checksum;
}

/** Trailing line ends are added and removed by editors. */
function canonicalText(text: string): string {
  return `${plainText(text).replace(/\n+$/, '')}\n`;
}

/** The same order on every machine, whatever its locale. */
function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
