import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProject, type Project } from '../cli/project.ts';
import { makeReachable } from '../local/postgres/data-directory.ts';
import { exampleDirectory } from './saas/example-directory.ts';

/** The story's migrations, in order: one that goes through, one that goes back. */
export const DEMO_MIGRATIONS = ['0001_add_billing', '0002_billing_currency'] as const;

const STATE_DIRECTORY = '.lockkeeper';

/** As a team would have it; only the hours of waiting are left out. */
const CONFIGURATION = `version: 1
environments:
  embedded:
    target: { kind: embedded, state_directory: ${STATE_DIRECTORY} }
    policy: { four_eyes: true }
`;

export interface DemoProject {
  readonly project: Project;
  /** Absolute. */
  readonly stateDirectory: string;
  remove(): Promise<void>;
}

/** A project of its own for one demo, in the temporary directory. */
export async function makeDemoProject(): Promise<DemoProject> {
  const root = await mkdtemp(join(tmpdir(), 'lockkeeper-demo-'));
  await makeReachable(root);
  await writeFile(join(root, 'lockkeeper.yaml'), CONFIGURATION);
  for (const migration of DEMO_MIGRATIONS) {
    const from = join(exampleDirectory(), 'migrations', migration);
    await cp(from, join(root, 'migrations', migration), { recursive: true });
  }
  const stateDirectory = join(root, STATE_DIRECTORY);
  await mkdir(stateDirectory);
  return {
    project: await openProject(root),
    stateDirectory,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
