import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claimDirectory } from '../../lib/cli/directory-claim.ts';
import { type TemporaryProject, temporaryProject } from './support/temporary-project.ts';

let project: TemporaryProject;
beforeEach(async () => {
  project = await temporaryProject();
});
afterEach(() => project.remove());

describe('claimDirectory', () => {
  it('gives a directory to one process at a time', async () => {
    // GIVEN
    const directory = join(project.root, 'state');
    const release = await claimDirectory(directory);

    // THEN
    await expect(claimDirectory(directory)).rejects.toMatchObject({
      code: 'WrongState',
      message: `process ${process.pid} runs on ${directory} already`,
    });
    await release();
    expect(await readdir(directory)).toEqual([]);
    await (await claimDirectory(directory))();
  });

  it.each(['4194304999', '0', '-1', 'half written', ''])(
    'takes over what a process left behind that wrote %j',
    async (content) => {
      await project.write('dev.pid', content);
      await claimDirectory(project.root);
      expect(await readFile(join(project.root, 'dev.pid'), 'utf8')).toBe(String(process.pid));
    },
  );
});
