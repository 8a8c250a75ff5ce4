import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TemporaryProject {
  readonly root: string;
  /** Writes a file, with the directories above it. */
  write(path: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** An empty directory that PostgreSQL's own account may pass through. */
export async function temporaryProject(
  files: Readonly<Record<string, string>> = {},
): Promise<TemporaryProject> {
  const root = await mkdtemp(join(tmpdir(), 'lockkeeper-cli-'));
  await chmod(root, 0o755);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return { root, write, remove: () => rm(root, { recursive: true, force: true }) };
}
