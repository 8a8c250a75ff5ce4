import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LockkeeperError } from '../core/errors.ts';

/** What a running embedded AWS says about itself in its state directory, for the CLI to find it. */
const description = z.object({
  version: z.literal(1),
  /** Process that serves it. */
  pid: z.number().int(),
  region: z.string(),
  endpoints: z.object({
    states: z.url(),
    dynamodb: z.url(),
    lambda: z.url(),
    events: z.url(),
    sts: z.url(),
    rds: z.url(),
    rdsData: z.url(),
  }),
  stateMachineArn: z.string(),
  restoreStateMachineArn: z.string(),
  controlTable: z.string(),
  decideGateFunction: z.string(),
  clusterIdentifier: z.string(),
  clusterArn: z.string(),
  secretArn: z.string(),
  database: z.string(),
  /** Connection string of the database itself, for applications on this machine. */
  databaseUrl: z.string(),
  /** Key of the task token cipher, base64; this file is readable by its owner only. */
  tokenSecret: z.string(),
});
export type EmbeddedDescription = z.output<typeof description>;

export const EMBEDDED_FILE = 'embedded.json';

/** @throws LockkeeperError EmbeddedRuntime when no embedded AWS runs on this state directory */
export async function readEmbeddedDescription(
  stateDirectory: string,
): Promise<EmbeddedDescription> {
  const path = join(stateDirectory, EMBEDDED_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw notRunning(stateDirectory, cause);
  }
  const parsed = description.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new LockkeeperError('EmbeddedRuntime', `${path} is of another version`, {
      fix: 'stop `lockkeeper dev` and start it again',
    });
  }
  if (!isAlive(parsed.data.pid)) throw notRunning(stateDirectory, undefined);
  return parsed.data;
}

function notRunning(stateDirectory: string, cause: unknown): LockkeeperError {
  return new LockkeeperError(
    'TargetUnreachable',
    `no embedded AWS is running on ${stateDirectory}`,
    { cause, fix: 'start it with `lockkeeper dev` in another terminal' },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
