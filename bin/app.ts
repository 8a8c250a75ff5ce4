import { App } from 'aws-cdk-lib';
import { handlerBundles } from '../lib/bundling/handler-bundles.ts';
import { HandlerCode } from '../lib/constructs/handler-code.ts';
import { LockkeeperStack } from '../lib/constructs/lockkeeper-stack.ts';
import { parseStackSettings, type StackSettings } from '../lib/constructs/stack-settings.ts';
import { isLockkeeperError } from '../lib/core/errors.ts';

/** The CDK app: `npx cdk synth`, `npx cdk deploy`. What it is about comes from the context. */
const app = new App({ analyticsReporting: false });
try {
  await addStack(parseStackSettings((key) => app.node.tryGetContext(key)));
  app.synth();
} catch (error) {
  if (!isLockkeeperError(error) || error.source !== 'user') throw error;
  process.stderr.write(`${error.message}\n${error.fix === undefined ? '' : `${error.fix}\n`}`);
  process.exitCode = 1;
}

async function addStack(settings: StackSettings): Promise<void> {
  const handlerCode = HandlerCode.fromDirectory(await handlerBundles());
  new LockkeeperStack(app, 'Lockkeeper', { settings, handlerCode });
}
