import type { Docker } from './docker.ts';
import { installMiniStack, MINISTACK_VERSION } from './install-ministack.ts';
import type { OwnEmulator } from './place.ts';
import { endpointsAt, LOCALSTACK_IMAGE, startLocalStack } from './start-localstack.ts';
import { startMiniStack } from './start-ministack.ts';
import type { Target } from './target.ts';

/** An emulator that runs. */
export interface Emulator {
  /** With its version, for people. */
  readonly name: string;
  readonly endpoint: string;
  /** Where its functions find what is not itself: the embedded RDS and Data API. */
  readonly handlerEnvironment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export type Started =
  | { readonly kind: 'started'; readonly emulator: Emulator }
  | { readonly kind: 'unavailable'; readonly why: string };

/** What to try, in order, and why, for people. */
export interface Candidates {
  readonly emulators: readonly OwnEmulator[];
  readonly because: string;
}

/** LocalStack where Docker answers, with MiniStack behind it; else MiniStack, which needs only Python. */
export async function chooseOwn(
  wanted: OwnEmulator | undefined,
  askDocker: () => Promise<Docker>,
): Promise<Candidates> {
  if (wanted !== undefined) {
    return { emulators: [wanted], because: `LOCKKEEPER_TEST_EMULATOR=${wanted}` };
  }
  const docker = await askDocker();
  return docker.kind === 'answers'
    ? { emulators: ['localstack', 'ministack'], because: 'Docker answers' }
    : { emulators: ['ministack'], because: `Docker does not answer: ${docker.why}` };
}

export interface StartOptions {
  /** Gets the emulator's files. */
  readonly directory: string;
  /** Where MiniStack is installed. */
  readonly virtualEnvironment: string;
  /** Called when the emulator is about to be started, which is when the target is needed. */
  readonly target: () => Promise<Target>;
}

export async function startOwn(emulator: OwnEmulator, options: StartOptions): Promise<Started> {
  switch (emulator) {
    case 'localstack':
      return startInDocker(await options.target());
    case 'ministack':
      return installAndStart(options);
  }
}

async function startInDocker({ endpoints }: Target): Promise<Started> {
  const ports = Object.values(endpoints).map((endpoint) => Number(new URL(endpoint).port));
  try {
    const { endpoint, hostAddress, close } = await startLocalStack(ports);
    return {
      kind: 'started',
      emulator: {
        name: LOCALSTACK_IMAGE,
        endpoint,
        // It tells its functions by itself where it is.
        handlerEnvironment: endpointsAt(hostAddress, endpoints),
        close,
      },
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'unavailable', why: `${LOCALSTACK_IMAGE} did not start: ${why}` };
  }
}

async function installAndStart(options: StartOptions): Promise<Started> {
  const installation = await installMiniStack(options.virtualEnvironment);
  if (installation.kind === 'unavailable') return installation;
  const { endpoints } = await options.target();
  const { endpoint, close } = await startMiniStack(installation.command, options.directory);
  const handlerEnvironment = { AWS_ENDPOINT_URL: endpoint, ...endpoints };
  return {
    kind: 'started',
    emulator: { name: `MiniStack ${MINISTACK_VERSION}`, endpoint, handlerEnvironment, close },
  };
}
