import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { LockkeeperError } from '../core/errors.ts';

/** Version of the package this file belongs to, in the sources as well as in what is published. */
export function packageVersion(): string {
  const path = findPackageJSON('..', import.meta.url);
  const description: unknown = path && JSON.parse(readFileSync(path, 'utf8'));
  if (typeof description === 'object' && description !== null && 'version' in description) {
    return String(description.version);
  }
  throw new LockkeeperError('Internal', `no version in ${path ?? 'any package.json'}`);
}
