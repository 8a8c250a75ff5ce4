/**
 * Fills the lock entries of other platforms' optional binaries.
 *
 * A registry mirror may not carry the binaries of every platform. `npm install` then
 * writes an empty entry for each (`"node_modules/@biomejs/cli-darwin-arm64": {}`), and
 * `npm ci` refuses that lock file everywhere. Version, os, cpu and libc follow from the
 * parent package and the binary's name, so we write them: npm skips the foreign ones and
 * still finds the right one on a machine whose registry has it.
 *
 * Run after any `npm install` that changed the lock file: `npm run lockfile`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

type LockEntry = {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};

const OS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const CPU = ['arm64', 'arm', 'x64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x'];

const lockPath = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(lockPath, 'utf8')) as {
  packages: Record<string, LockEntry>;
};

for (const parent of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key]?.version !== undefined) continue;
    const words = name.split(/[/-]/);
    const os = OS.find((word) => words.includes(word));
    const cpu = CPU.find((word) => words.includes(word));
    if (os === undefined || cpu === undefined) continue;
    const libc = words.some((word) => word.startsWith('musl'))
      ? ['musl']
      : words.some((word) => word.startsWith('gnu')) && os === 'linux'
        ? ['glibc']
        : undefined;
    lock.packages[key] = {
      version,
      cpu: [cpu],
      ...(libc && { libc }),
      optional: true,
      os: [os],
    };
    process.stdout.write(`completed ${name}@${version}\n`);
  }
}

writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
