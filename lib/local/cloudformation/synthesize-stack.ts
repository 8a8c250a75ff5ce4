import { App } from 'aws-cdk-lib';
import { HandlerCode } from '../../constructs/handler-code.ts';
import { LockkeeperStack } from '../../constructs/lockkeeper-stack.ts';
import type { StackSettings } from '../../constructs/stack-settings.ts';

export interface SynthesizeOptions {
  /** Which (embedded) database to migrate. */
  readonly settings: StackSettings;
  /** Folder of the bundled handlers, as `bundleHandlers` makes it. */
  readonly bundleDirectory: string;
  /** Gets the cloud assembly; replaced. */
  readonly outDirectory: string;
}

/**
 * Synthesizes the stack of `bin/app.ts` in this process, for the embedded runtime to load. Nothing of
 * it is special: only the names in `settings` are the embedded ones.
 *
 * @returns the folder of the cloud assembly
 * @throws LockkeeperError InvalidConfiguration when a handler is not bundled
 */
export function synthesizeStack(options: SynthesizeOptions): string {
  const app = new App({ analyticsReporting: false, outdir: options.outDirectory });
  new LockkeeperStack(app, 'Lockkeeper', {
    settings: options.settings,
    handlerCode: HandlerCode.fromDirectory(options.bundleDirectory),
  });
  return app.synth().directory;
}
