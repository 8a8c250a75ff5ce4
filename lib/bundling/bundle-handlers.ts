import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, version } from 'esbuild';
import { LockkeeperError } from '../core/errors.ts';
import { isUpToDate, writeRecord } from './bundle-record.ts';
import { copyNativeFiles } from './native-files.ts';
import { replaceFolder } from './replace-folder.ts';

export interface BundleOptions {
  /** Folder with one `<name>.lambda.ts` for each handler. */
  readonly entryDirectory: string;
  /** Gets one folder for each handler, with `index.mjs` in it; replaced as a whole. */
  readonly outDirectory: string;
}

export interface BundledHandlers {
  /** Absolute path of the folder that has a folder for each handler. */
  readonly directory: string;
  /** The handlers' names, sorted. */
  readonly names: readonly string[];
  /** `fresh`: nothing had changed since they were bundled last. */
  readonly state: 'fresh' | 'bundled';
}

const ENTRY_SUFFIX = '.lambda.ts';

/** What bundled CommonJS packages expect to find, and what ES modules do not have. */
const COMMONJS_GLOBALS = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

const SETTINGS = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // ES modules where a package has them, so that only what is called is bundled. The SDK is bundled
  // too: what was tested is what runs, whichever version a Lambda runtime happens to bring.
  mainFields: ['module', 'main'],
  sourcemap: 'linked',
  sourcesContent: false,
  minify: false, // readable stacks are worth more than the milliseconds of loading
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  banner: { js: COMMONJS_GLOBALS },
  logLevel: 'silent', // what went wrong is in the exception
} as const satisfies BuildOptions;

/**
 * Bundles every `<name>.lambda.ts` with everything it imports into `<name>/index.mjs`, so that a
 * function is one folder which needs nothing else. Does nothing when no input changed since last
 * time.
 *
 * @throws LockkeeperError Internal when there is nothing to bundle
 */
export async function bundleHandlers(options: BundleOptions): Promise<BundledHandlers> {
  const directory = resolve(options.outDirectory);
  // Bundles name their sources relative to it; a fixed one makes them the same wherever we run.
  const workingDirectory = resolve(options.entryDirectory);
  const entries = await findEntries(workingDirectory);
  const names = [...entries.keys()];
  const recipe = `${version} ${JSON.stringify(SETTINGS)}`;
  const source = { directory, recipe, entries: [...entries.values()] };
  if (await isUpToDate(source)) return { directory, names, state: 'fresh' };

  // Built aside and moved into place: a reader never sees half of it, and what is gone stays gone.
  const building = `${directory}.${randomUUID()}`;
  try {
    const metafile = await bundle(entries, workingDirectory, building);
    const inputs = Object.keys(metafile.inputs).map((input) => resolve(workingDirectory, input));
    await copyNativeFiles(metafile, workingDirectory, building);
    await writeRecord(building, source, inputs);
    await mkdir(dirname(directory), { recursive: true });
    await replaceFolder(building, directory);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return { directory, names, state: 'bundled' };
}

async function findEntries(directory: string): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(directory)).filter((file) => file.endsWith(ENTRY_SUFFIX)).sort();
  if (files.length === 0) {
    throw new LockkeeperError('Internal', `no *${ENTRY_SUFFIX} in ${directory}`);
  }
  return new Map(files.map((file) => [file.slice(0, -ENTRY_SUFFIX.length), join(directory, file)]));
}

/** One call for all of them: shared sources are read and parsed once. */
async function bundle(
  entries: ReadonlyMap<string, string>,
  absWorkingDir: string,
  outdir: string,
): Promise<Metafile> {
  const entryPoints = [...entries].map(([name, path]) => ({ in: path, out: join(name, 'index') }));
  const { metafile } = await build({ ...SETTINGS, absWorkingDir, entryPoints, outdir });
  return metafile;
}
