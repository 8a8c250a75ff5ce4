import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { replaceFolder } from '../../lib/bundling/replace-folder.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'replace-folder-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

it('leaves one whole folder when many are put into one place at once', async () => {
  // GIVEN
  const to = join(parent, 'out');
  const folders = Array.from({ length: 20 }, (_, index) => join(parent, `new-${index}`));
  for (const [index, folder] of folders.entries()) {
    await mkdir(folder);
    for (const file of ['a', 'b']) await writeFile(join(folder, file), String(index));
  }

  // WHEN
  await Promise.all(folders.map((folder) => replaceFolder(folder, to)));

  // THEN
  expect(await readdir(parent)).toEqual(['out']);
  const [a, b] = await Promise.all(['a', 'b'].map((file) => readFile(join(to, file), 'utf8')));
  expect(a).toBe(b);
});
