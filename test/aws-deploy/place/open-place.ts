import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMBEDDED_PLACE } from '../../../lib/local/cloudformation/local-place.ts';
import { makeReachable } from '../../../lib/local/postgres/data-directory.ts';
import type { Deployment } from '../deployment.ts';
import { allowWaking } from './allow-waking.ts';
import { bootstrap, type CdkApp, deploy, destroy } from './cdk.ts';
import type { Docker } from './docker.ts';
import { chooseOwn, type Emulator, type Started, startOwn } from './own-emulator.ts';
import type { Place } from './place.ts';
import { readAccountTarget, startEmbeddedTarget, type Target } from './target.ts';

/** The app, deployed and ready for tests. */
export interface DeployedApp {
  readonly deployment: Deployment;
  /** With it, SDK clients and the CDK CLI find the place. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Tier, product and endpoint, in one line for people. */
  readonly where: string;
  close(): Promise<void>;
}

export type Opened =
  | { readonly kind: 'open'; readonly app: DeployedApp }
  | { readonly kind: 'unavailable'; readonly why: string };

export interface OpenOptions {
  /** Where MiniStack is installed. */
  readonly virtualEnvironment: string;
  readonly askDocker: () => Promise<Docker>;
  /** Is told what happens, line by line. */
  readonly say: (line: string) => void;
}

interface Opening extends OpenOptions {
  /** A directory that goes away at the end. */
  readonly directory: string;
  /** Is undone, newest first, when the place is closed or could not be opened. */
  readonly undo: (close: () => Promise<unknown>) => void;
}

type Deployed = Omit<DeployedApp, 'close'>;

/** Opens the place and deploys the app to it. */
export async function openPlace(place: Place, options: OpenOptions): Promise<Opened> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of opened.splice(0).toReversed()) await one();
  };
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-aws-'));
  const opening: Opening = { ...options, directory, undo: (one) => void opened.push(one) };
  opening.undo(() => rm(directory, { recursive: true, force: true }));
  await makeReachable(directory);
  try {
    const deployed = await openIt(place, opening);
    if ('why' in deployed) {
      await close();
      return { kind: 'unavailable', why: deployed.why };
    }
    return { kind: 'open', app: { ...deployed, close } };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openIt(
  place: Place,
  opening: Opening,
): Promise<Deployed | { readonly why: string }> {
  if (place.kind === 'account') return deployToAccount(opening);
  const { directory, undo } = opening;
  let started: Promise<Target> | undefined;
  const target = (): Promise<Target> => {
    started ??= startEmbeddedTarget(directory).then((one) => {
      undo(() => one.close());
      return one;
    });
    return started;
  };
  if (place.kind === 'given') {
    const { endpoints } = await target();
    const { endpoint } = place;
    const handlerEnvironment = { AWS_ENDPOINT_URL: endpoint, ...endpoints };
    const given = { name: 'an emulator that was given', endpoint, handlerEnvironment };
    return deployToEmulator(opening, await target(), given, { isOurs: false });
  }
  const found = await startFirst(place, opening, target);
  if (found.kind === 'unavailable') return found;
  undo(() => found.emulator.close());
  return deployToEmulator(opening, await target(), found.emulator, { isOurs: true });
}

/** The first of our own that can be had here. */
async function startFirst(
  { wanted }: Extract<Place, { readonly kind: 'own' }>,
  { directory, virtualEnvironment, askDocker, say }: Opening,
  target: () => Promise<Target>,
): Promise<Started> {
  const { emulators, because } = await chooseOwn(wanted, askDocker);
  say(`an emulator of its own, first ${emulators[0]}: ${because}`);
  const reasons: string[] = [];
  for (const emulator of emulators) {
    const started = await startOwn(emulator, { directory, virtualEnvironment, target });
    if (started.kind === 'started') return started;
    reasons.push(started.why);
    say(`no ${emulator}: ${started.why}`);
  }
  return { kind: 'unavailable', why: reasons.join('; ') };
}

async function deployToEmulator(
  { directory, undo, say }: Opening,
  target: Target,
  emulator: Omit<Emulator, 'close'>,
  { isOurs }: { readonly isOurs: boolean },
): Promise<Deployed> {
  const { endpoint, handlerEnvironment } = emulator;
  const where = `tier emulator: ${emulator.name} at ${endpoint}, RDS and Data API embedded`;
  say(where);
  const { region, account } = EMBEDDED_PLACE;
  const environment = {
    ...process.env,
    ...target.endpoints,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
  };
  const app: CdkApp = {
    directory,
    environment,
    target,
    tier: 'emulator',
    region,
    handlerEnvironment,
  };
  await bootstrap(app, account, region);
  say('bootstrapped');
  // An emulator of ours goes away as a whole; somebody else's keeps the bootstrap stack only.
  if (!isOurs) undo(() => destroy(app));
  const deployment = await deploy(app);
  await allowWaking(endpoint, region, deployment.decideGateFunction);
  say(`deployed ${deployment.stateMachineArn}`);
  return { deployment, environment, where };
}

async function deployToAccount({ directory, undo, say }: Opening): Promise<Deployed> {
  const target = readAccountTarget(process.env);
  const region = target.clusterArn.split(':')[3] ?? '';
  const where = `tier account: AWS in ${region}, ${target.clusterArn}`;
  say(where);
  // The stack goes where the cluster is.
  const environment = { ...process.env, AWS_REGION: region };
  const app: CdkApp = {
    directory,
    environment,
    target,
    tier: 'account',
    region,
    handlerEnvironment: {},
  };
  undo(() => destroy(app));
  const deployment = await deploy(app);
  say(`deployed ${deployment.stateMachineArn}`);
  return { deployment, environment, where };
}
