import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { Deployment } from '../deployment.ts';
import { bootstrapTemplateFor } from './bootstrap-template.ts';
import { runCommand } from './run-command.ts';
import type { Target } from './target.ts';

const PROJECT = join(import.meta.dirname, '../../..');

/** Not the default: beside a stack that an account may have already. */
const STACK_NAME = 'LockkeeperTest';

export interface CdkApp {
  /** Gets the cloud assembly and the outputs. */
  readonly directory: string;
  /** How the CLI finds the account or the emulator. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly target: Target;
  /** Emulators have no aliases of state machines. */
  readonly tier: Deployment['tier'];
  readonly region: string;
  /** More variables of the handlers; empty on AWS. */
  readonly handlerEnvironment: Readonly<Record<string, string>>;
}

/** Prepares an empty emulator for deployments; accounts are prepared by their owners. */
export async function bootstrap(app: CdkApp, account: string, region: string): Promise<void> {
  const template = join(app.directory, 'bootstrap.json');
  // Away from cdk.json: bootstrapping has no need of the app.
  const original = await cdk(app, app.directory, ['bootstrap', '--show-template']);
  await writeFile(template, bootstrapTemplateFor(original));
  const place = `aws://${account}/${region}`;
  await cdk(app, app.directory, ['bootstrap', place, '--template', template]);
}

/** Deploys `bin/app.ts` as it is; only the context differs. */
export async function deploy(app: CdkApp): Promise<Deployment> {
  const outputsFile = join(app.directory, 'outputs.json');
  await cdkOnApp(app, [
    ...['deploy', '--require-approval', 'never', '--progress', 'events'],
    ...['--outputs-file', outputsFile],
  ]);
  const outputs: Record<string, Record<string, string>> = JSON.parse(
    await readFile(outputsFile, 'utf8'),
  );
  const output = (name: string): string => {
    const value = outputs[STACK_NAME]?.[name];
    if (value === undefined) throw new Error(`the stack has no output ${name}`);
    return value;
  };
  const { clusterIdentifier, clusterArn, secretArn, database } = app.target;
  return {
    tier: app.tier,
    region: app.region,
    stateMachineArn: output('StateMachineArn'),
    restoreStateMachineArn: output('RestoreStateMachineArn'),
    controlTable: output('ControlTableName'),
    decideGateFunction: output('DecideGateFunctionName'),
    clusterIdentifier,
    clusterArn,
    secretArn,
    database,
  };
}

/** Takes the stack away with everything in it. */
export async function destroy(app: CdkApp): Promise<void> {
  await cdkOnApp(app, ['destroy', '--force']);
}

/** The CLI on `bin/app.ts`, by way of cdk.json. */
function cdkOnApp(app: CdkApp, args: readonly string[]): Promise<string> {
  const { target } = app;
  const context = {
    stackName: STACK_NAME,
    removalPolicy: 'destroy',
    clusterIdentifier: target.clusterIdentifier,
    secretArn: target.secretArn,
    databaseName: target.database,
    fourEyes: 'as-configured', // the tests have one identity
    stateMachineAlias: app.tier === 'account' ? 'yes' : 'no',
    handlerEnvironment: JSON.stringify(app.handlerEnvironment),
  };
  const options = Object.entries(context).flatMap(([key, value]) => [
    '--context',
    `${key}=${value}`,
  ]);
  return cdk(app, PROJECT, [...args, '--output', join(app.directory, 'cdk.out'), ...options]);
}

/** @returns what it printed, without its progress */
async function cdk(app: CdkApp, cwd: string, args: readonly string[]): Promise<string> {
  const cli = join(
    dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')),
    'bin/cdk',
  );
  const { code, stdout, output } = await runCommand(
    process.execPath,
    [cli, ...args, '--no-notices'],
    {
      cwd,
      env: {
        ...app.environment,
        PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
        CI: 'true', // no colours, no questions
      },
    },
  );
  if (code !== 0) throw new Error(`cdk ${args[0]} failed (exit code ${code}):\n${output}`);
  return stdout;
}
