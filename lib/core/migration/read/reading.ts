import type { SqlParser } from '../../sql/parser.ts';
import type { MigrationFolder } from '../migration-folder.ts';
import type { Problem } from '../problem.ts';
import { frameAt } from '../source/source-text.ts';
import type { ValuePath, YamlDocument } from '../source/yaml-document.ts';

/** What the readers of one migration share. Readers add problems and go on. */
export interface Reading {
  readonly document: YamlDocument;
  readonly folder: MigrationFolder;
  readonly parser: SqlParser;
  readonly problems: Problem[];
  /** Files that some step refers to. */
  readonly usedFiles: Set<string>;
}

/** Notes a problem at the value (or its nearest parent that exists). */
export function reportAt(
  reading: Reading,
  path: ValuePath,
  problem: Omit<Problem, 'location' | 'frame'>,
): void {
  const location = reading.document.locationOf(path);
  reading.problems.push({ ...problem, location, frame: frameAt(reading.document, location) });
}
