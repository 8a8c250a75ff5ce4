import './support/no-color.ts';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jsonOf, run } from './support/recording-terminal.ts';
import { type TemporaryProject, temporaryProject } from './support/temporary-project.ts';

let project: TemporaryProject;
beforeEach(async () => {
  project = await temporaryProject({
    'lockkeeper.yaml': 'version: 1\nenvironments:\n  embedded: {target: {kind: embedded}}\n',
    'pgroll/01_drop_a.yaml': 'operations:\n  - drop_table: {name: a}\n',
    'pgroll/02_drop_b.json': '{"operations": [{"drop_table": {"name": "b"}}]}',
    'pgroll/NOTICE': 'not a migration',
  });
});
afterEach(() => project.remove());

const migrations = () => readdir(join(project.root, 'migrations')).catch(() => []);

describe('lockkeeper import pgroll', () => {
  it('writes a folder for each file', async () => {
    // WHEN
    const said = await run(project.root, ['import', 'pgroll', 'pgroll']);

    // THEN
    expect(said).toEqual({
      exitCode: 0,
      err: '',
      out: [
        '01_drop_a.yaml -> migrations/0001_drop_a (drop_table)',
        '02_drop_b.json -> migrations/0002_drop_b (drop_table)',
        'left out: NOTICE',
        '',
        'wrote 2 migrations',
      ].join('\n'),
    });
    expect(await migrations()).toEqual(['0001_drop_a', '0002_drop_b']);
    const written = join(project.root, 'migrations/0002_drop_b/migration.yaml');
    expect(await readFile(written, 'utf8')).toContain('versioned_schema: true');
  });

  it('writes nothing when it is asked what it would do', async () => {
    const said = await run(project.root, ['import', 'pgroll', 'pgroll', '--dry-run', '--json']);
    expect(jsonOf(said)).toMatchObject({
      dryRun: true,
      migrations: [
        { migrationId: '0001_drop_a', files: ['migrations/0001_drop_a/migration.yaml'] },
        { migrationId: '0002_drop_b' },
      ],
      skipped: ['NOTICE'],
    });
    expect(await migrations()).toEqual([]);
  });

  it('writes none when one of them would not come after what is there', async () => {
    await project.write('migrations/0002_own/migration.yaml', 'version: 1\n');
    const said = await run(project.root, ['import', 'pgroll', 'pgroll']);
    expect(said).toMatchObject({
      exitCode: 7,
      err: expect.stringContaining('the project has migrations up to 0002_own already'),
    });
    expect(await migrations()).toEqual(['0002_own']);
  });

  it('writes none when one of them cannot be read, and says which and where', async () => {
    await project.write('pgroll/03_bad.yaml', 'operations:\n  - [1]\n');
    const said = await run(project.root, ['import', 'pgroll', 'pgroll']);
    expect(said).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('03_bad.yaml:2:5 not-an-operation'),
    });
    expect(await migrations()).toEqual([]);
  });
});
