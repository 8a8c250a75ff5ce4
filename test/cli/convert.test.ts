import './support/no-color.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jsonOf, run } from './support/recording-terminal.ts';
import { type TemporaryProject, temporaryProject } from './support/temporary-project.ts';

let project: TemporaryProject;
beforeEach(async () => {
  project = await temporaryProject({
    'sql/V2__drop_legacy-notes.sql': 'begin;\ndrop table notes;\ncommit;\n',
    'sql/bad.sql': 'drop table notes;\ntruncate users;\n',
  });
});
afterEach(() => project.remove());

describe('lockkeeper convert', () => {
  it('prints the migration', async () => {
    const said = await run(project.root, ['convert', 'sql/V2__drop_legacy-notes.sql']);
    expect(said).toMatchObject({ exitCode: 0, err: '' });
    expect(said.out).toContain('title: Drop legacy notes\noperations:\n');
    expect(said.out).toContain('  - drop_table:\n      name: notes');
  });

  it('writes it where it is told, once', async () => {
    const argv = ['convert', 'sql/V2__drop_legacy-notes.sql', '--out', 'migrations/0002_notes'];
    const said = await run(project.root, [...argv, '--json']);
    expect(jsonOf(said)).toMatchObject({
      file: 'migrations/0002_notes/migration.yaml',
      operations: [{ operation: { drop_table: { name: 'notes' } } }],
    });
    const written = join(project.root, 'migrations/0002_notes/migration.yaml');
    expect(await readFile(written, 'utf8')).toContain('- drop_table:');
    expect(await run(project.root, argv)).toMatchObject({ exitCode: 7 });
  });

  it('says what it cannot convert, where and why', async () => {
    const said = await run(project.root, [
      'convert',
      'sql/bad.sql',
      '--out',
      'migrations/0002_bad',
    ]);
    expect(said).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('sql/bad.sql:2:1 not-convertible: no operation says it'),
    });
    await expect(
      readFile(join(project.root, 'migrations/0002_bad/migration.yaml')),
    ).rejects.toThrow();
  });
});
