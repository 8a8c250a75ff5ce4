import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type Said } from '../cli/support/recording-terminal.ts';
import type { Deployment } from './deployment.ts';
import { runCommand } from './place/run-command.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** A project of an operator: its `lockkeeper.yaml` has nothing but the outputs of the stack. */
export interface OperatorProject {
  readonly root: string;
  write(migrationId: string, yaml: string): Promise<void>;
  /** Runs the command line in this process. */
  lockkeeper(...argv: readonly string[]): Promise<Said>;
  /** Runs `bin/lockkeeper.ts` in a process of its own. */
  inProcess(...argv: readonly string[]): Promise<Said>;
  remove(): Promise<void>;
}

export async function operatorProject(deployment: Deployment): Promise<OperatorProject> {
  const root = await mkdtemp(join(tmpdir(), 'lockkeeper-operator-'));
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await write('lockkeeper.yaml', configurationOf(deployment));
  await mkdir(join(root, 'migrations'));
  return {
    root,
    write: (migrationId, yaml) => write(`migrations/${migrationId}/migration.yaml`, yaml),
    lockkeeper: (...argv) => run(root, argv),
    inProcess: async (...argv) => {
      const { code, stdout, output } = await runCommand(
        process.execPath,
        [join(PROJECT, 'bin/lockkeeper.ts'), '--project', root, ...argv],
        { env: { ...process.env, NO_COLOR: '1' } },
      );
      return { exitCode: code, out: stdout.trimEnd(), err: output.trimEnd() };
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** YAML, of which JSON is a part. The tests have one identity, so it may approve what it started. */
function configurationOf(deployment: Deployment): string {
  const target = {
    kind: 'aws',
    region: deployment.region,
    state_machine_arn: deployment.stateMachineArn,
    restore_state_machine_arn: deployment.restoreStateMachineArn,
    control_table: deployment.controlTable,
    decide_gate_function: deployment.decideGateFunction,
    cluster_arn: deployment.clusterArn,
    secret_arn: deployment.secretArn,
    database: deployment.database,
  };
  const environments = { deployed: { target, policy: { four_eyes: false } } };
  return JSON.stringify({ version: 1, environments }, null, 2);
}
