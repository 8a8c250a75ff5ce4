import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** The version that the suite was last verified with; docs/tiers.md lists its gaps. */
export const MINISTACK_VERSION = '1.5.33';

export type Installation =
  | { readonly kind: 'installed'; readonly command: string }
  /** There is no Python or no package index to install it from. */
  | { readonly kind: 'unavailable'; readonly why: string };

/** Seconds that one attempt to reach the index may take; with one retry, a minute in all. */
const INDEX_TIMEOUT_SECONDS = '20';

/** Installs MiniStack into a virtual environment of the project, once. */
export async function installMiniStack(virtualEnvironment: string): Promise<Installation> {
  const python = join(virtualEnvironment, 'bin', 'python');
  const command = join(virtualEnvironment, 'bin', 'ministack');
  if ((await installedVersion(python)) === MINISTACK_VERSION) return { kind: 'installed', command };
  const created = await runCommand('python3', ['-m', 'venv', virtualEnvironment]);
  if (created.code !== 0) return unavailable('python3 -m venv failed', created.output);
  const installed = await runCommand(python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
    ...['--timeout', INDEX_TIMEOUT_SECONDS, '--retries', '1'],
    `ministack==${MINISTACK_VERSION}`,
  ]);
  if (installed.code !== 0) {
    // pip ends with "no matching distribution" in both cases.
    const what = /connection broken by/i.test(installed.output)
      ? 'PyPI cannot be reached'
      : 'pip install ministack failed';
    return unavailable(what, installed.output);
  }
  return { kind: 'installed', command };
}

async function installedVersion(python: string): Promise<string | undefined> {
  const asked = await runCommand(python, [
    '-c',
    'import importlib.metadata; print(importlib.metadata.version("ministack"))',
  ]);
  return asked.code === 0 ? asked.output.trim() : undefined;
}

function unavailable(what: string, output: string): Installation {
  const last = output.trim().split('\n').at(-1) ?? '';
  return { kind: 'unavailable', why: last === '' ? what : `${what}: ${last}` };
}
