import { setTimeout as sleep } from 'node:timers/promises';

export type Docker =
  | { readonly kind: 'answers' }
  | { readonly kind: 'silent'; readonly why: string };

/** A daemon that is being started answers within seconds; one that hangs, never. */
const PATIENCE_MS = 15_000;

/**
 * Asks for a container runtime the way that LocalStack will be started with: environment, sockets
 * and rootless sockets as testcontainers finds them.
 * @param find rejects when there is none
 */
export async function askDocker(find: () => Promise<unknown> = findRuntime): Promise<Docker> {
  const patience = new AbortController();
  const giveUp = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`it did not answer within ${PATIENCE_MS / 1_000} s`);
  });
  try {
    await Promise.race([find(), giveUp]);
    return { kind: 'answers' };
  } catch (error) {
    return { kind: 'silent', why: error instanceof Error ? error.message : String(error) };
  } finally {
    giveUp.catch(() => undefined);
    patience.abort();
  }
}

async function findRuntime(): Promise<void> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  await getContainerRuntimeClient();
}
