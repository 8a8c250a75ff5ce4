import { rm } from 'node:fs/promises';
import { App, AssetStaging } from 'aws-cdk-lib';
import { handlerBundles } from '../bundling/handler-bundles.ts';
import { HandlerCode } from '../constructs/handler-code.ts';
import { LockkeeperStack } from '../constructs/lockkeeper-stack.ts';
import type { StackSettings } from '../constructs/stack-settings.ts';
import { type LoadedStack, loadStack } from './cloudformation/load-stack.ts';
import { EMBEDDED_PLACE } from './cloudformation/local-place.ts';

/** What the embedded runtime may choose of its stack. */
export type EmbeddedSettings = Omit<StackSettings, 'stateMachineAlias'>;

/**
 * Synthesizes the very stack that `cdk deploy` would deploy and loads it: functions, state machine
 * and table of the embedded runtime are those of the template, so what is tested is what runs.
 * Without the alias: one definition runs here, the one that was just synthesized.
 * @param outdir gets the cloud assembly, code of the functions included; replaced as a whole
 */
export async function synthesize(settings: EmbeddedSettings, outdir: string): Promise<LoadedStack> {
  await rm(outdir, { recursive: true, force: true });
  // The CDK remembers for the whole process what it copied where, also what was just removed.
  AssetStaging.clearAssetHashCache();
  const app = new App({ analyticsReporting: false, outdir });
  new LockkeeperStack(app, 'Lockkeeper', {
    settings: { ...settings, stateMachineAlias: 'no' },
    handlerCode: HandlerCode.fromDirectory(await handlerBundles()),
    env: { account: EMBEDDED_PLACE.account, region: EMBEDDED_PLACE.region },
  });
  app.synth();
  return loadStack(outdir);
}
