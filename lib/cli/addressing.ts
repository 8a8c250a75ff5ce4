import type { Environment } from '../core/config/configuration.ts';
import type { GlobalOptions } from './global-options.ts';
import { defaultEnvironmentName, type Project } from './project.ts';

/**
 * What a suggested command needs to reach the same environment of the same project. `--as` is not
 * repeated: the next move is often somebody else's.
 */
export function addressingOf(
  project: Project,
  { name }: Environment,
  options: GlobalOptions,
): readonly string[] {
  return [
    ...(defaultEnvironmentName(project) === name ? [] : ['--env', name]),
    ...(options.project === undefined ? [] : ['--project', quoted(options.project)]),
  ];
}

/** As a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
