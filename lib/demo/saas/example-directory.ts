import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockkeeperError } from '../../core/errors.ts';

/**
 * Absolute path of `examples/saas`. The sources and the built package lie at different depths below
 * the package's root, so it is looked for upwards from here.
 * @throws LockkeeperError `EmbeddedRuntime` when the package was installed without its examples
 */
export function exampleDirectory(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let directory = start; ; directory = dirname(directory)) {
    const candidate = join(directory, 'examples', 'saas');
    if (existsSync(candidate)) return candidate;
    if (directory === dirname(directory)) {
      throw new LockkeeperError('EmbeddedRuntime', `no examples/saas above ${start}`, {
        fix: 'install the package again; the demo needs its examples folder',
      });
    }
  }
}
