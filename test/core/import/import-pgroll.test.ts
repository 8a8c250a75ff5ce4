import { describe, expect, it } from '@jest/globals';
import { importPgroll } from '../../../lib/core/import/import-pgroll.ts';
import { renderProblems } from '../../../lib/core/migration/render-problems.ts';

const ADD = 'operations:\n  - add_column:\n      table: a\n      column: {name: b, type: text}\n';

function imported(files: Readonly<Record<string, string>>) {
  const parsed = importPgroll(Object.entries(files).map(([file, text]) => ({ file, text })));
  if (parsed.kind === 'invalid') throw new TypeError(renderProblems(parsed.problems));
  return parsed.value;
}
function refused(file: string, text: string) {
  const parsed = importPgroll([{ file, text }]);
  return parsed.kind === 'invalid' ? renderProblems(parsed.problems) : 'accepted';
}
const ids = (...names: readonly string[]) =>
  imported(Object.fromEntries(names.map((name) => [name, ADD]))).migrations.map(
    ({ migrationId }) => migrationId,
  );

describe('importPgroll', () => {
  it('keeps numbers that give the order of the files', () => {
    expect(ids('01_create_tables.yaml', '02_addColumn.json.yaml', '10-Ünique.yml')).toEqual([
      '0001_create_tables',
      '0002_add_column_json',
      '0010_unique',
    ]);
    expect(ids('20240101120000_a.yaml')).toEqual(['20240101120000_a']);
  });

  it('counts the files where they have no number, or numbers in another order', () => {
    expect(ids('b.yaml', 'a.yaml')).toEqual(['0001_a', '0002_b']);
    expect(ids('1_x.yaml', '10_y.yaml', '2_z.yaml')).toEqual(['0001_10_y', '0002_1_x', '0003_2_z']);
  });

  it('cuts a long name to the length of an id', () => {
    const [id = ''] = ids(`01_${'long_'.repeat(30)}.yaml`);
    expect(id).toMatch(/^0001_long_.*[a-z]$/);
    expect(id.length).toBeLessThanOrEqual(60);
  });

  it('keeps the operations of YAML with their comments, and the rest is ours', () => {
    const { migrations } = imported({ '03_add.yaml': `name: old\n${ADD}  # why not\n` });
    expect(migrations[0]?.files.get('migration.yaml')).toBe(
      '# yaml-language-server: $schema=../../node_modules/lockkeeper/schema/migration.schema.json\n' +
        '# Imported from pgroll: 03_add.yaml\n' +
        'version: 1\ntitle: Add\nversioned_schema: true\n' +
        'operations:\n  - add_column:\n      table: a\n      column: { name: b, type: text }\n  # why not\n',
    );
    expect(migrations[0]).toMatchObject({ title: 'Add', operations: ['add_column'] });
  });

  it('reads JSON, and leaves out what is neither', () => {
    const json = JSON.stringify({ name: '1', operations: [{ drop_table: { name: 'a' } }] });
    const { migrations, skipped } = imported({ '01_a.json': json, NOTICE: 'text', '.ledger': '' });
    expect(migrations[0]?.files.get('migration.yaml')).toContain(
      'operations:\n  - drop_table:\n      name: a\n',
    );
    expect(skipped).toEqual(['.ledger', 'NOTICE']);
  });

  it.each([
    ['[]', '01_a.yaml:1:1 not-pgroll'],
    ['name: x\n', '01_a.yaml:1:1 no-operations'],
    ['operations: []\n', '01_a.yaml:1:1 no-operations'],
    [
      'operations:\n  - drop_table: {name: a}\n    sql: {up: b}\n',
      '01_a.yaml:2:5 not-an-operation',
    ],
    [`extra: 1\n${ADD}`, '01_a.yaml:1:1 unknown-key: unknown key extra'],
    ['operations:\n  - drop_tabel: {name: a}\n', '01_a.yaml:2:17 unknown-operation'],
    ['operations:\n  - drop_table: {nam: a}\n', '01_a.yaml:2:18 unknown-key: unknown key nam'],
    ['operations: [\n', 'yaml-syntax'],
  ])('refuses %j with its place', (text, expected) => {
    expect(refused('01_a.yaml', text)).toContain(expected);
  });
});

describe('a down that speaks of a name which never was', () => {
  const CREATE =
    'operations: [{create_table: {name: events, columns: [{name: name, type: text}]}}]';
  const alter = (down: string) =>
    `operations:\n  - alter_column: {table: events, column: name, type: varchar(9), up: name, down: ${down}}\n`;
  const second = (first: string, down: string) => {
    const imported = importPgroll([
      { file: '01_a.yaml', text: first },
      { file: '02_b.yaml', text: alter(down) },
    ]);
    if (imported.kind === 'invalid') throw new Error(imported.problems[0]?.message);
    return imported.value.migrations[1]?.files.get('migration.yaml');
  };

  it('is taken for the column that changes, and says so', () => {
    const text = second(CREATE, 'event_name');
    expect(text).toContain('down: name');
    expect(text).toContain("# pgroll's file says event_name, which is no column of the table");
  });

  it.each([
    ['an expression', CREATE, 'upper(event_name)'],
    [
      'a column of the table',
      CREATE.replace('type: text}', 'type: text}, {name: title, type: text}'),
      'title',
    ],
    ['a table that the chain did not make', 'operations: [{sql: {up: select 1}}]', 'event_name'],
  ])('is left alone when it is %s', (_, first, down) => {
    expect(second(first, down)).toContain(`down: ${down}`);
  });
});
