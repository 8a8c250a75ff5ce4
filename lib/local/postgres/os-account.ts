import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LockkeeperError } from '../../core/errors.ts';

const run = promisify(execFile);

/** The operating system account that owns a server's files and processes. */
export interface OsAccount {
  readonly uid: number;
  readonly gid: number;
}

/** The account PostgreSQL packages use everywhere. */
const ACCOUNT = 'postgres';

/**
 * PostgreSQL refuses to run as root, so root (containers, CI) runs it as `postgres` and makes
 * that account when it is missing.
 * @returns undefined when this process is not root: the server then runs as who we are
 * @throws LockkeeperError `EmbeddedRuntime` when the account cannot be made
 */
export async function serverAccount(): Promise<OsAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  known ??= (await lookUp()) ?? (await create());
  return known;
}

/** An account's ids do not change; a snapshot asks for them once per file. */
let known: OsAccount | undefined;

async function lookUp(): Promise<OsAccount | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', ACCOUNT]), run('id', ['-g', ACCOUNT])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function create(): Promise<OsAccount> {
  let cause: unknown;
  try {
    await run('groupadd', ['--force', ACCOUNT]);
    await run('useradd', ['--no-create-home', '--gid', ACCOUNT, ACCOUNT]);
  } catch (error) {
    cause = error;
  }
  // Another process may have made it at the same moment: what counts is that it exists.
  const account = await lookUp();
  if (account !== undefined) return account;
  throw new LockkeeperError('EmbeddedRuntime', `cannot create the account "${ACCOUNT}"`, {
    cause,
    fix: 'create it yourself, or run as a user that is not root',
  });
}
