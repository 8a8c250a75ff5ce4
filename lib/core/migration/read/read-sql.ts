import { shownPath } from '../migration-folder.ts';
import { nearest } from '../source/nearest.ts';
import { type SqlSource, sqlInFile, sqlInYaml } from '../source/sql-source.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { type Reading, reportAt } from './reading.ts';

/** The two keys under which the same SQL may be given. */
export interface SqlKeys {
  readonly inline: string;
  readonly file: string;
}

export const STEP_SQL: SqlKeys = { inline: 'sql', file: 'file' };
export const UNDO_SQL: SqlKeys = { inline: 'undo', file: 'undo_file' };

/**
 * The SQL under one of two keys, files replaced by their text. Both keys at once is a problem;
 * neither is for the caller to judge.
 */
export function readSql(
  reading: Reading,
  step: ValuePath,
  declared: Readonly<Record<string, unknown>>,
  keys: SqlKeys,
): SqlSource | undefined {
  const inline = declared[keys.inline];
  const path = declared[keys.file];
  if (typeof inline === 'string' && typeof path === 'string') {
    reportAt(reading, [...step, keys.file], {
      rule: 'one-of',
      message: `the step has both ${keys.inline} and ${keys.file}`,
      expected: `${keys.inline} or ${keys.file}`,
      fix: `remove ${keys.inline} or ${keys.file}`,
    });
  }
  if (typeof inline === 'string') {
    if (typeof path === 'string') reading.usedFiles.add(path);
    return sqlInYaml(reading.document, [...step, keys.inline], inline);
  }
  return typeof path === 'string' ? readFile(reading, [...step, keys.file], path) : undefined;
}

function readFile(reading: Reading, key: ValuePath, path: string): SqlSource | undefined {
  const { files } = reading.folder;
  if (!isInside(path)) {
    reportAt(reading, key, {
      rule: 'file-outside',
      message: `${path} is not a path inside the folder of the migration`,
      expected: 'a path relative to the folder, with forward slashes and without ..',
    });
    return undefined;
  }
  const text = files.get(path);
  if (text === undefined || !path.endsWith('.sql')) {
    const candidates = [...files.keys()].filter((name) => name.endsWith('.sql'));
    const meant = nearest(path, candidates);
    // One mistake, one problem: the file that is meant is not unused as well.
    if (meant !== undefined) reading.usedFiles.add(meant);
    reportAt(reading, key, {
      rule: 'missing-file',
      message: text === undefined ? `there is no file ${path}` : `${path} is not a .sql file`,
      expected: 'a .sql file in the folder of the migration',
      ...(meant !== undefined && { fix: `write ${meant}` }),
    });
    return undefined;
  }
  reading.usedFiles.add(path);
  return sqlInFile({ file: shownPath(reading.folder, path), text });
}

function isInside(path: string): boolean {
  const segments = path.split('/');
  return (
    !path.includes('\\') &&
    segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  );
}
