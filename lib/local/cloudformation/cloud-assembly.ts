import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LockkeeperError } from '../../core/errors.ts';
import { isObject, type JsonObject, parseTemplate, type Template } from './template.ts';

/** One synthesized stack: its template and where the files of its assets are. */
export interface SynthesizedStack {
  readonly stackName: string;
  readonly template: Template;
  /** Object key in the assets bucket to the absolute path of the file or folder behind it. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads the one stack of a cloud assembly, the folder that `cdk synth` writes.
 *
 * @throws LockkeeperError EmbeddedRuntime when it is no assembly or holds several stacks
 */
export async function readCloudAssembly(directory: string): Promise<SynthesizedStack> {
  const root = resolve(directory);
  const manifest = await readJson(join(root, 'manifest.json'));
  const stacks = artifacts(manifest, 'aws:cloudformation:stack');
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `the cloud assembly ${root} must hold one stack, got ${stacks.length}`,
    );
  }
  const { templateFile, stackName } = stack.properties;
  const templatePath = join(root, String(templateFile));
  const assets = await Promise.all(
    artifacts(manifest, 'cdk:asset-manifest').map(({ properties }) =>
      readAssets(root, String(properties['file'])),
    ),
  );
  return {
    stackName: typeof stackName === 'string' ? stackName : stack.id,
    template: parseTemplate(await readJson(templatePath), templatePath),
    assets: new Map(assets.flat()),
  };
}

interface Artifact {
  readonly id: string;
  readonly properties: JsonObject;
}

function artifacts(manifest: JsonObject, type: string): readonly Artifact[] {
  return Object.entries(object(manifest['artifacts'])).flatMap(([id, artifact]) => {
    const { type: itsType, properties } = object(artifact);
    return itsType === type ? [{ id, properties: object(properties) }] : [];
  });
}

/** Every destination of an asset is a copy of the same file, so each key leads to it. */
async function readAssets(root: string, file: string): Promise<[string, string][]> {
  const { files } = await readJson(join(root, file));
  return Object.values(object(files)).flatMap((asset) => {
    const { source, destinations } = object(asset);
    const path = resolve(root, String(object(source)['path']));
    return Object.values(object(destinations)).map((destination): [string, string] => [
      String(object(destination)['objectKey']),
      path,
    ]);
  });
}

async function readJson(path: string): Promise<JsonObject> {
  try {
    return object(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new LockkeeperError('EmbeddedRuntime', `${path} cannot be read as JSON`, {
      cause,
      fix: 'synthesize the app again with `npx cdk synth`',
    });
  }
}

function object(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
