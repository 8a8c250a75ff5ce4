import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMBEDDED_PLACE } from '../../../lib/local/cloudformation/local-place.ts';
import { makeReachable } from '../../../lib/local/postgres/data-directory.ts';
import type { Deployment } from '../deployment.ts';
import { allowWaking } from './allow-waking.ts';
import { bootstrap, type CdkApp, deploy, destroy } from './cdk.ts';
import { installMiniStack } from './install-ministack.ts';
import type { Place } from './place.ts';
import { startMiniStack } from './start-ministack.ts';
import { readAccountTarget, startEmbeddedTarget } from './target.ts';

/** The app, deployed and ready for tests. */
export interface DeployedApp {
  readonly deployment: Deployment;
  /** With it, SDK clients and the CDK CLI find the place. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  close(): Promise<void>;
}

export type Opened =
  | { readonly kind: 'open'; readonly app: DeployedApp }
  | { readonly kind: 'unavailable'; readonly why: string };

interface Opening {
  /** A directory that goes away at the end. */
  readonly directory: string;
  /** Is undone, newest first, when the place is closed or could not be opened. */
  readonly undo: (close: () => Promise<unknown>) => void;
  readonly say: (line: string) => void;
}

/**
 * Opens the place and deploys the app to it.
 * @param virtualEnvironment where MiniStack is installed
 * @param say is told what happens, line by line
 */
export async function openPlace(
  place: Place,
  virtualEnvironment: string,
  say: (line: string) => void,
): Promise<Opened> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of opened.splice(0).toReversed()) await one();
  };
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-aws-'));
  const opening: Opening = { directory, undo: (one) => void opened.push(one), say };
  opening.undo(() => rm(directory, { recursive: true, force: true }));
  await makeReachable(directory);
  try {
    if (place.kind === 'account') return await finish(await deployToAccount(opening), close);
    const endpoint =
      place.kind === 'given' ? place.endpoint : await installAndStart(opening, virtualEnvironment);
    if (typeof endpoint !== 'string') {
      await close();
      return { kind: 'unavailable', why: endpoint.why };
    }
    return await finish(await deployToEmulator(opening, place, endpoint), close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function finish(
  app: Omit<DeployedApp, 'close'>,
  close: () => Promise<void>,
): Promise<Opened> {
  return { kind: 'open', app: { ...app, close } };
}

async function installAndStart(
  { directory, undo, say }: Opening,
  virtualEnvironment: string,
): Promise<string | { readonly why: string }> {
  const installation = await installMiniStack(virtualEnvironment);
  if (installation.kind === 'unavailable') return installation;
  const miniStack = await startMiniStack(installation.command, directory);
  undo(() => miniStack.close());
  say(`MiniStack runs on ${miniStack.endpoint}`);
  return miniStack.endpoint;
}

async function deployToEmulator(
  { directory, undo, say }: Opening,
  place: Place,
  endpoint: string,
): Promise<Omit<DeployedApp, 'close'>> {
  const target = await startEmbeddedTarget(directory);
  undo(() => target.close());
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
    handlerEnvironment: { AWS_ENDPOINT_URL: endpoint, ...target.endpoints },
  };
  await bootstrap(app, account, region);
  say('bootstrapped');
  // An emulator of ours goes away as a whole; somebody else's keeps the bootstrap stack only.
  if (place.kind === 'given') undo(() => destroy(app));
  const deployment = await deploy(app);
  await allowWaking(endpoint, region, deployment.decideGateFunction);
  say(`deployed ${deployment.stateMachineArn}`);
  return { deployment, environment };
}

async function deployToAccount({
  directory,
  undo,
  say,
}: Opening): Promise<Omit<DeployedApp, 'close'>> {
  const target = readAccountTarget(process.env);
  const region = target.clusterArn.split(':')[3] ?? '';
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
  return { deployment, environment };
}
