import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { HANDLER_NAMES } from '../../lib/core/workflow/handlers.ts';

/** A folder that looks like bundled handlers; each is done at once. It goes with what was synthesized of it. */
export interface IdleBundles {
  readonly directory: string;
  remove(): void;
}

export function makeIdleBundles(): IdleBundles {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-bundles-'));
  for (const name of HANDLER_NAMES) {
    mkdirSync(join(directory, name));
    writeFileSync(
      join(directory, name, 'index.mjs'),
      `export const handler = async () => ({ outcome: 'done', seconds: 0, reason: '${name}' });\n`,
    );
  }
  return {
    directory,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
      // Copies of the bundles, in folders that the CDK removes when a process ends and jest does not.
      CloudAssembly.cleanupTemporaryDirectories();
    },
  };
}
