import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { bundleHandlers } from '../lib/bundling/bundle-handlers.ts';
import { HandlerCode } from '../lib/constructs/handler-code.ts';
import { LockkeeperStack } from '../lib/constructs/lockkeeper-stack.ts';
import { parseStackSettings, type StackSettings } from '../lib/constructs/stack-settings.ts';
import { isLockkeeperError } from '../lib/core/errors.ts';

/** The CDK app: `npx cdk synth`, `npx cdk deploy`. What it is about comes from the context. */
const PROJECT = join(import.meta.dirname, '..');

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
  const { directory } = await bundleHandlers({
    entryDirectory: join(PROJECT, 'lambdas'),
    outDirectory: join(PROJECT, 'dist/lambdas'),
  });
  const handlerCode = HandlerCode.fromDirectory(directory);
  new LockkeeperStack(app, 'Lockkeeper', { settings, handlerCode });
}
