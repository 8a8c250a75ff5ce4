import './support/no-color.ts';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addressingOf } from '../../lib/cli/addressing.ts';
import {
  environmentOf,
  findMigration,
  openProject,
  readMigrations,
} from '../../lib/cli/project.ts';
import { readMigration } from '../../lib/cli/read-migration.ts';
import { run } from './support/recording-terminal.ts';
import { type TemporaryProject, temporaryProject } from './support/temporary-project.ts';

let project: TemporaryProject;
beforeEach(async () => {
  project = await temporaryProject();
});
afterEach(() => project.remove());

const configuration = (...names: readonly string[]) =>
  `version: 1\nenvironments:\n${names.map((name) => `  ${name}: {target: {kind: embedded}}\n`).join('')}`;

describe('lockkeeper init', () => {
  it('makes a project that opens, with a migration that is valid as it is', async () => {
    // WHEN
    const made = await run(project.root, ['init']);
    const added = await run(project.root, ['new', 'Add a nickname']);

    // THEN
    expect(made).toMatchObject({ exitCode: 0, err: '' });
    expect(added.out).toContain('wrote migrations/0001_add_a_nickname/migration.yaml');
    const opened = await openProject(project.root);
    expect((await readMigrations(opened)).migrations).toHaveLength(1);
    expect(await readFile(join(project.root, '.gitignore'), 'utf8')).toBe('.lockkeeper/\n');
  });

  it('overwrites nothing', async () => {
    // GIVEN
    await project.write('lockkeeper.yaml', configuration('prod'));

    // WHEN
    const said = await run(project.root, ['init']);

    // THEN
    expect(said).toMatchObject({ exitCode: 7, err: expect.stringContaining('exists already') });
    expect(await readFile(join(project.root, 'lockkeeper.yaml'), 'utf8')).toContain('prod');
    expect(await readdir(project.root)).toEqual(['lockkeeper.yaml']);
  });

  it('leaves a .gitignore as it is but for its own line', async () => {
    // GIVEN
    await project.write('.gitignore', 'node_modules/');

    // WHEN
    await run(project.root, ['init']);

    // THEN
    expect(await readFile(join(project.root, '.gitignore'), 'utf8')).toBe(
      'node_modules/\n.lockkeeper/\n',
    );
  });
});

describe('lockkeeper new', () => {
  it('counts on from the newest migration, also when another one is broken', async () => {
    // GIVEN
    await project.write('lockkeeper.yaml', configuration('embedded'));
    await project.write('migrations/0041_broken/migration.yaml', 'version: 9');

    // WHEN
    const said = await run(project.root, ['new', 'Größere Konten!', '--json']);

    // THEN
    expect(JSON.parse(said.out)).toEqual({
      migrationId: '0042_gro_ere_konten',
      files: ['migrations/0042_gro_ere_konten/migration.yaml'],
    });
  });
});

describe('a project', () => {
  it('is found from a directory inside it', async () => {
    await project.write('lockkeeper.yaml', configuration('embedded'));
    await project.write('src/deep/file.txt', '');
    const opened = await openProject(join(project.root, 'src/deep'));
    expect(opened.root).toBe(project.root);
  });

  it('fails when there is none, and says how to make one', async () => {
    expect(await run(project.root, ['status'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('run `lockkeeper init` in the root of your project'),
    });
  });

  it('fails when its directory does not exist', async () => {
    const said = await run(project.root, ['status', '--project', 'nowhere']);
    expect(said).toEqual({
      exitCode: 2,
      out: '',
      err: `error  ${project.root}/nowhere cannot be read\nfix    use --project with the directory of your project`,
    });
  });

  it('fails with every problem of its files at once', async () => {
    // GIVEN
    await project.write('lockkeeper.yaml', configuration('embedded'));
    await project.write('migrations/0001_a/migration.yaml', 'version: 1\ntitle: A\n');
    await project.write('migrations/0001_b/migration.yaml', 'version: 2\n');

    // WHEN
    const reading = readMigrations(await openProject(project.root));

    // THEN
    await expect(reading).rejects.toMatchObject({
      code: 'InvalidMigration',
      message: expect.stringMatching(/0001_a[\s\S]*0001_b/),
    });
  });

  it('means the only environment, else the embedded one, else asks', async () => {
    // GIVEN
    const opened = async (...names: readonly string[]) => {
      await project.write('lockkeeper.yaml', configuration(...names));
      return openProject(project.root);
    };

    // THEN
    expect(environmentOf(await opened('prod'), undefined).name).toBe('prod');
    expect(environmentOf(await opened('prod', 'embedded'), undefined).name).toBe('embedded');
    const several = await opened('prod', 'staging');
    expect(() => environmentOf(several, undefined)).toThrow('which environment?');
    expect(environmentOf(several, 'staging').name).toBe('staging');
  });

  it('is addressed as briefly as possible', async () => {
    // GIVEN
    await project.write('lockkeeper.yaml', configuration('embedded', 'prod'));
    const opened = await openProject(project.root);
    const addressing = (name: string, directory?: string) =>
      addressingOf(opened, environmentOf(opened, name), {
        as: 'olivia',
        ...(directory !== undefined && { project: directory }),
      });

    // THEN
    expect(addressing('embedded')).toEqual([]);
    expect(addressing('prod')).toEqual(['--env', 'prod']);
    expect(addressing('embedded', "it's here")).toEqual(['--project', "'it'\\''s here'"]);
  });
});

describe('a migration of a project', () => {
  const migration =
    'version: 1\ntitle: A\nexpand: [{id: a, sql: create table a (), undo: drop table a}]\n';

  beforeEach(async () => {
    await project.write('lockkeeper.yaml', configuration('embedded'));
    await project.write('migrations/0001_a/migration.yaml', migration);
    await project.write('migrations/0002_b/migration.yaml', migration);
  });

  it('is found by its id or its number', async () => {
    const all = await readMigrations(await openProject(project.root));
    expect(findMigration(all, '0002_b').migrationId).toBe('0002_b');
    expect(findMigration(all, '0002').migrationId).toBe('0002_b');
    expect(() => findMigration(all, '0003')).toThrow('there is no migration 0003');
  });

  it('goes to an execution with its files and all that is known', async () => {
    // GIVEN
    const opened = await openProject(project.root);

    // WHEN
    const { source } = await readMigration(opened, environmentOf(opened, undefined), '0002');

    // THEN
    expect(source).toMatchObject({
      migrationId: '0002_b',
      files: { 'migration.yaml': migration },
      known: [{ migrationId: '0001_a' }, { migrationId: '0002_b' }],
      environment: { name: 'embedded', policy: { fourEyes: false } },
    });
  });

  it('fails where the environment does not allow what it asks for', async () => {
    await project.write('migrations/0003_c/migration.yaml', `${migration}snapshots: none\n`);
    const opened = await openProject(project.root);
    const reading = readMigration(opened, environmentOf(opened, undefined), '0003');
    await expect(reading).rejects.toMatchObject({
      code: 'InvalidMigration',
      message: expect.stringContaining('takes no snapshot before expand'),
    });
  });
});
