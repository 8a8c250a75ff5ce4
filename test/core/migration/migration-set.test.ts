import { describe, expect, it } from '@jest/globals';
import { type FoundFolder, parseMigrationSet } from '../../../lib/core/migration/migration-set.ts';
import { renderProblems } from '../../../lib/core/migration/render-problems.ts';
import { migrationWith, sqlParser } from './migration-text.ts';

const VALID = migrationWith('expand: [{id: a, sql: analyze a}]');

function folder(name: string, yaml = VALID): FoundFolder {
  return { name, directory: `migrations/${name}`, files: new Map([['migration.yaml', yaml]]) };
}

function problemsOf(...folders: readonly FoundFolder[]): string {
  const parsed = parseMigrationSet(folders, sqlParser);
  return parsed.kind === 'invalid' ? `\n${renderProblems(parsed.problems)}\n` : '';
}

describe('parseMigrationSet', () => {
  it('puts migrations in the order in which they are applied', () => {
    const parsed = parseMigrationSet(
      [folder('0010_c'), folder('0002_b'), folder('0001_a')],
      sqlParser,
    );
    expect(parsed.kind === 'parsed' && parsed.value.map(({ migrationId }) => migrationId)).toEqual([
      '0001_a',
      '0002_b',
      '0010_c',
    ]);
  });

  it('accepts a project without migrations', () => {
    expect(parseMigrationSet([], sqlParser)).toEqual({ kind: 'parsed', value: [] });
  });

  it('fails when a folder is not named like a migration', () => {
    expect(problemsOf(folder('7-Add Billing'), folder('notes'))).toMatchInlineSnapshot(`
"
migrations/7-Add Billing:1:1 migration-id: 7-Add Billing is not the name of a migration
  expected: digits (4 to 14), then words in snake_case, at most 60 characters, such as 0002_add_billing
  fix: rename the folder to 0007_add_billing

migrations/notes:1:1 migration-id: notes is not the name of a migration
  expected: digits (4 to 14), then words in snake_case, at most 60 characters, such as 0002_add_billing
"
`);
  });

  it('fails when two migrations have the same number', () => {
    expect(problemsOf(folder('0002_b'), folder('0001_a'), folder('0002_a'))).toMatchInlineSnapshot(`
"
migrations/0002_b:1:1 duplicate-migration-number: 0002_b has the same number as 0002_a
  expected: a number of its own for each migration
  fix: rename the one that was not applied yet to the next free number
"
`);
  });

  it('fails when the numbers are equal although they are written differently', () => {
    expect(problemsOf(folder('0001_a'), folder('00001_b'))).toMatchInlineSnapshot(`
"
migrations/0001_a:1:1 duplicate-migration-number: 0001_a has the same number as 00001_b
  expected: a number of its own for each migration
  fix: rename the one that was not applied yet to the next free number
"
`);
  });

  it('fails when two ids differ only in case', () => {
    expect(problemsOf(folder('0002_add'), folder('0002_Add'))).toMatchInlineSnapshot(`
"
migrations/0002_Add:1:1 migration-id: 0002_Add is not the name of a migration
  expected: digits (4 to 14), then words in snake_case, at most 60 characters, such as 0002_add_billing
  fix: rename the folder to 0002_add

migrations/0002_add:1:1 duplicate-migration-id: 0002_add differs from 0002_Add only in upper and lower case
  expected: a number of its own for each migration
  fix: rename the one that was not applied yet to the next free number
"
`);
  });

  it('fails when the order of texts is not that of the numbers', () => {
    expect(
      problemsOf(folder('0002_b'), folder('00010_a'), folder('0011_c')),
    ).toMatchInlineSnapshot(`
"
migrations/0002_b:1:1 migration-order: 0002_b is sorted after 00010_a although its number is smaller
  expected: numbers with the same count of digits
  fix: fill the numbers of the migrations that were not applied yet with leading zeros
"
`);
  });

  it('reports the problems of all migrations together', () => {
    const found = problemsOf(
      folder('0001_a', 'version: 3'),
      folder('0001_b', migrationWith('expand: [{id: a, sql: selec}]')),
    );
    expect(found.match(/^migrations.*$/gm)).toMatchInlineSnapshot(`
[
  "migrations/0001_b:1:1 duplicate-migration-number: 0001_b has the same number as 0001_a",
  "migrations/0001_a/migration.yaml:1:1 missing-key: title is missing",
  "migrations/0001_a/migration.yaml:1:10 wrong-value: version is 3, a number",
  "migrations/0001_b/migration.yaml:3:23 sql-syntax: syntax error at or near "selec"",
]
`);
  });
});
