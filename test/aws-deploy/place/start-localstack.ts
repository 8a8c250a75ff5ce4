/**
 * The last release that needs no account, and it knows nodejs24.x; releases by date, from 2026.03
 * on, ask for a token.
 */
export const LOCALSTACK_IMAGE = 'localstack/localstack:4.14.0';

/** As every container sees the host, while testcontainers forwards ports of it. */
const HOST = 'host.testcontainers.internal';

export interface LocalStack {
  readonly endpoint: string;
  /** Address of this machine for the containers in which LocalStack runs functions. */
  readonly hostAddress: string;
  close(): Promise<void>;
}

/**
 * Starts LocalStack in a container. It runs each function in another one, which it starts through
 * the socket of the container runtime; those reach ports of this machine by the address of the
 * forwarder, since LocalStack gives them no names.
 * @param hostPorts what functions must reach on 127.0.0.1 of this machine
 * @throws Error when the image cannot be had or it does not start
 */
export async function startLocalStack(hostPorts: readonly number[]): Promise<LocalStack> {
  const { getContainerRuntimeClient, TestContainers } = await import('testcontainers');
  const { LocalstackContainer } = await import('@testcontainers/localstack');
  const runtime = await getContainerRuntimeClient();
  // Before the container is made: only later ones know the host by its name.
  await TestContainers.exposeHostPorts(...hostPorts);
  const container = await new LocalstackContainer(LOCALSTACK_IMAGE)
    .withBindMounts([
      {
        source: runtime.info.containerRuntime.remoteSocketPath,
        target: '/var/run/docker.sock',
      },
    ])
    // The bundles are JavaScript and WebAssembly: they run on any processor.
    .withEnvironment({ LAMBDA_IGNORE_ARCHITECTURE: '1' })
    .start();
  const close = async () => void (await container.stop());
  try {
    const { exitCode, output } = await container.exec(['getent', 'hosts', HOST]);
    if (exitCode !== 0) throw new Error(`LocalStack does not know ${HOST}: ${output}`);
    return { endpoint: container.getConnectionUri(), hostAddress: addressIn(output), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads the first address of what `getent hosts` prints. @throws Error when there is none */
export function addressIn(output: string): string {
  const address = /^\s*(\d{1,3}(?:\.\d{1,3}){3})\s/m.exec(output)?.[1];
  if (address === undefined) throw new Error(`no address in ${JSON.stringify(output)}`);
  return address;
}

/** The same endpoints with another host, for whoever cannot reach 127.0.0.1 of this machine. */
export function endpointsAt(
  host: string,
  endpoints: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, endpoint]) => {
      const { protocol, port } = new URL(endpoint);
      return [name, `${protocol}//${host}:${port}`];
    }),
  );
}
