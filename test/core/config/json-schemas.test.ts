import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { jsonSchemas } from '../../../lib/core/config/json-schemas.ts';
import { parseConfiguration } from '../../../lib/core/config/parse-configuration.ts';
import { scaffoldMigration } from '../../../lib/core/migration/scaffold.ts';
import { migrationWith, problemsOf } from '../migration/migration-text.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Every problem ajv finds, by the published schema; empty when it accepts the text. */
function mistakes(schema: 'migration' | 'lockkeeper', yaml: string): readonly string[] {
  // `oneOf` of `required` lists is how a schema says "exactly one of these keys".
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false });
  const validate = ajv.compile(JSON.parse(read(`schema/${schema}.schema.json`)));
  validate(parse(yaml));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The YAML blocks of a page. */
function yamlBlocks(page: string): readonly string[] {
  return [...read(page).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

const exampleMigrations = readdirSync(new URL('examples/', root), { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('/migration.yaml'));

describe('the published JSON Schemas', () => {
  it.each(Object.entries(jsonSchemas()))(
    '%s is what scripts/generate-schemas.ts writes',
    (name, schema) => {
      expect(read(`schema/${name}`)).toBe(`${JSON.stringify(schema, null, 2)}\n`);
    },
  );

  it.each(exampleMigrations)('accept the example %s', (path) => {
    expect(mistakes('migration', read(`examples/${path}`))).toEqual([]);
  });

  it('accept a new migration', () => {
    const text = scaffoldMigration('Add billing').get('migration.yaml') ?? '';
    expect(mistakes('migration', text)).toEqual([]);
  });

  it.each([
    ['a duration without unit', 'gates: {soak: {kind: timer, duration: 30}}'],
    ['an unknown key', 'expnad: []'],
    ['a step with sql and file', 'expand: [{id: a, sql: analyze a, file: a.sql}]'],
    ['a step without SQL', 'expand: [{id: a}]'],
    ['a check without its answer', 'validate: [{id: a, query: select 1}]'],
    ['an empty set', 'backfill: [{id: a, table: t, set: {}, undo: select 1}]'],
    ['an unknown weekday', "windows: {expand: [{from: '01:00', to: '02:00', days: [monday]}]}"],
  ])('refuse %s, as parsing does', (_what, lines) => {
    expect(mistakes('migration', migrationWith(lines))).not.toEqual([]);
    expect(problemsOf(migrationWith(lines))).not.toBe('');
  });
});

describe('docs/formats.md', () => {
  const [migration = '', configuration = ''] = yamlBlocks('docs/formats.md');

  it('shows a migration that is valid', () => {
    expect(mistakes('migration', migration)).toEqual([]);
    const sql = { 'expand/sync.sql': 'analyze a', 'expand/sync.undo.sql': 'analyze a' };
    expect(problemsOf(migration, sql)).toBe('');
  });

  it('shows a configuration that is valid', () => {
    expect(mistakes('lockkeeper', configuration)).toEqual([]);
    const parsed = parseConfiguration({ file: 'lockkeeper.yaml', text: configuration });
    expect(parsed).toMatchObject({ kind: 'parsed' });
  });
});
