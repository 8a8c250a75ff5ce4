import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

/** Beside the bundles; says what they were made of. */
const RECORD_FILE = 'bundle.json';

interface BundleRecord {
  /** Every file that went in, relative to the bundles. */
  readonly inputs: readonly string[];
  /** SHA-256, lowercase hex, over the source and the content of every input. */
  readonly digest: string;
}

/** What bundles are made of, apart from the content of the files. */
export interface BundleSource {
  /** Where the bundles are, or will be. */
  readonly directory: string;
  /** The bundler and its settings. */
  readonly recipe: string;
  /** Absolute paths of the handlers. */
  readonly entries: readonly string[];
}

/**
 * Whether the bundles were made of what the files say now. A file that a bundle newly imports is
 * named in a file that it imported before, so looking at the old inputs is enough.
 */
export async function isUpToDate(source: BundleSource): Promise<boolean> {
  try {
    const text = await readFile(join(source.directory, RECORD_FILE), 'utf8');
    const { inputs, digest } = JSON.parse(text) as BundleRecord;
    return (await digestOf(source, inputs)) === digest;
  } catch {
    return false; // no bundles, or an input is gone: bundling again says what is wrong, if anything
  }
}

/**
 * Writes the record for bundles that are still in `building`.
 *
 * @param inputs absolute paths of every file that went in
 */
export async function writeRecord(
  building: string,
  source: BundleSource,
  inputs: readonly string[],
): Promise<void> {
  const relativeInputs = inputs.map((path) => relative(source.directory, path)).sort();
  const digest = await digestOf(source, relativeInputs);
  const record: BundleRecord = { inputs: relativeInputs, digest };
  await writeFile(join(building, RECORD_FILE), `${JSON.stringify(record, null, 1)}\n`);
}

async function digestOf(
  { directory, recipe, entries }: BundleSource,
  inputs: readonly string[],
): Promise<string> {
  const contents = await Promise.all(inputs.map((input) => readFile(resolve(directory, input))));
  const hash = createHash('sha256').update(recipe);
  for (const entry of entries) hash.update(`${relative(directory, entry)}\0`);
  for (const [index, content] of contents.entries()) {
    hash.update(`${inputs[index]}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
