import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { LockkeeperError } from '../core/errors.ts';
import { HANDLER_NAMES, type HandlerName } from '../core/workflow/handlers.ts';

/** Where the code of the handlers comes from. */
export class HandlerCode {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Bundled handlers: a folder that has for each handler a folder of its name, with `index.mjs` in
   * it.
   *
   * @throws LockkeeperError InvalidConfiguration when a handler is missing
   */
  static fromDirectory(directory: string): HandlerCode {
    const root = resolve(directory);
    const missing = HANDLER_NAMES.filter((name) => !existsSync(join(root, name, 'index.mjs')));
    if (missing.length === 0) return new HandlerCode(root);
    throw new LockkeeperError(
      'InvalidConfiguration',
      `handlerCode: ${root} has no bundle of ${missing.join(', ')}`,
      { fix: 'bundle the handlers into it first (bundleHandlers)' },
    );
  }

  /** The deployment package of one handler. */
  codeOf(name: HandlerName): Code {
    return Code.fromAsset(join(this.#directory, name));
  }
}
