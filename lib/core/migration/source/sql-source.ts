import type { SourceLocation } from '../migration.ts';
import type { Problem } from '../problem.ts';
import { frameAt, locationAt, type SourceText } from './source-text.ts';
import type { ValuePath, YamlDocument } from './yaml-document.ts';

/** A piece of SQL and where each of its characters was written. */
export interface SqlSource {
  readonly sql: string;
  /** @param offset UTF-16 offset in `sql` */
  locationOf(offset: number): SourceLocation;
  /** A problem at a character of the SQL, with its frame. */
  problemAt(offset: number, problem: Omit<Problem, 'location' | 'frame'>): Problem;
}

/** SQL written inside a YAML document. */
export function sqlInYaml(document: YamlDocument, path: ValuePath, sql: string): SqlSource {
  return sqlSource(sql, document, (offset) => document.locationInText(path, offset));
}

/** SQL written in a file of its own. */
export function sqlInFile(source: SourceText): SqlSource {
  return sqlSource(source.text, source, (offset) => locationAt(source, offset));
}

function sqlSource(
  sql: string,
  source: SourceText,
  locationOf: (offset: number) => SourceLocation,
): SqlSource {
  return {
    sql,
    locationOf,
    problemAt(offset, problem) {
      const location = locationOf(offset);
      return { ...problem, location, frame: frameAt(source, location) };
    },
  };
}
