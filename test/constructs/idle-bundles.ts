import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HANDLER_NAMES } from '../../lib/core/workflow/handlers.ts';

/** A folder that looks like bundled handlers; each is done at once. */
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
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
