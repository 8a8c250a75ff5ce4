import { copyFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

/**
 * Files that a package opens at run time beside its own code, by the end of the path of that code.
 * A bundler only follows imports, so they would be left behind.
 */
const BESIDE: Readonly<Record<string, string>> = {
  'libpg-query/wasm/libpg-query.js': 'libpg-query.wasm', // the PostgreSQL parser itself
};

/**
 * Puts such files beside each bundle that contains the code which opens them.
 *
 * @param workingDirectory what the paths of `metafile` are relative to
 */
export async function copyNativeFiles(
  metafile: Metafile,
  workingDirectory: string,
  outDirectory: string,
): Promise<void> {
  for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
    for (const input of Object.keys(inputs)) {
      const [, file] = Object.entries(BESIDE).find(([end]) => input.endsWith(end)) ?? [];
      if (file === undefined) continue;
      const bundle = join(outDirectory, basename(dirname(output)));
      await copyFile(join(dirname(resolve(workingDirectory, input)), file), join(bundle, file));
    }
  }
}
