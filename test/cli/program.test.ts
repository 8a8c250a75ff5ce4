import './support/no-color.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jsonOf, run } from './support/recording-terminal.ts';
import { type TemporaryProject, temporaryProject } from './support/temporary-project.ts';

let project: TemporaryProject;
beforeEach(async () => {
  project = await temporaryProject();
});
afterEach(() => project.remove());

const EMBEDDED = 'version: 1\nenvironments:\n  embedded: {target: {kind: embedded}}\n';

describe('the command line', () => {
  it('shows its help when it is told nothing', async () => {
    const said = await run(project.root, []);
    expect(said).toMatchObject({ exitCode: 0, err: '' });
    expect(said.out).toContain('Usage: lockkeeper');
  });

  it('prints its version', async () => {
    expect(await run(project.root, ['--version'])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it('suggests the verb that was meant', async () => {
    expect(await run(project.root, ['statsu'])).toEqual({
      exitCode: 2,
      out: '',
      err: "error  unknown command 'statsu'\n(Did you mean status?)\nfix    lockkeeper help",
    });
  });

  it('says mistakes as JSON on standard output when JSON is wanted', async () => {
    // WHEN
    const said = await run(project.root, ['approve', 'x', 'later', '--json']);

    // THEN
    expect(said).toMatchObject({ exitCode: 2, err: '' });
    expect(jsonOf(said)).toEqual({
      error: {
        code: 'InvalidCommand',
        message: expect.stringContaining(
          'Allowed choices are review, deploy, contract, soak, takeover.',
        ),
        fix: 'lockkeeper help',
        facts: {},
      },
    });
  });

  it.each([
    [['reject', 'x', 'deploy'], "required option '--reason <text>' not specified"],
    [['abort', 'x'], "required option '--reason <text>' not specified"],
    [['start', 'x', '--timeout', '10'], 'write a length of time with its unit'],
    [['history', '--limit', '0'], 'write a whole number from 1 to 9999'],
    [['restore', 'x', '--moment', 'yesterday'], 'Allowed choices are before-expand'],
    [['demo', '--rows', 'many'], 'write a whole number of rows'],
    [['dev', '--load', 'everything'], 'Allowed choices are saas'],
    [['plan'], 'name a migration, or an execution with --execution'],
    [['plan', 'x', '--execution', 'y'], 'name a migration, or an execution with --execution'],
  ])('refuses %j before it reaches anything', async (argv, message) => {
    const said = await run(project.root, argv);
    expect(said.exitCode).toBe(2);
    expect(said.err).toContain(message);
  });

  it('takes global options before and after the verb', async () => {
    // GIVEN
    await project.write('lockkeeper.yaml', EMBEDDED);

    // WHEN
    const before = await run('/', ['--json', '--project', project.root, '--env', 'prod', 'status']);
    const after = await run('/', ['status', '--env', 'prod', '--project', project.root, '--json']);

    // THEN
    expect(before).toEqual(after);
    expect(jsonOf(after)).toEqual({
      error: {
        code: 'InvalidConfiguration',
        message: 'there is no environment prod',
        fix: 'use --env with one of: embedded',
        facts: {},
      },
    });
  });

  it('says that the embedded services do not run', async () => {
    await project.write('lockkeeper.yaml', EMBEDDED);
    expect(await run(project.root, ['status'])).toEqual({
      exitCode: 8,
      out: '',
      err: `error  no embedded AWS is running on ${project.root}/.lockkeeper\nfix    start it with \`lockkeeper dev\` in another terminal`,
    });
  });

  it('does not let anybody pretend to be somebody else on AWS', async () => {
    // GIVEN
    await project.write(
      'lockkeeper.yaml',
      `version: 1
environments:
  prod:
    target:
      kind: aws
      region: eu-central-1
      state_machine_arn: arn:aws:states:eu-central-1:123456789012:stateMachine:Lockkeeper
      control_table: control
      decide_gate_function: decide
      cluster_arn: arn:aws:rds:eu-central-1:123456789012:cluster:orders
      secret_arn: arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf
      database: orders
`,
    );

    // WHEN
    const said = await run(project.root, ['status', '--as', 'olivia']);

    // THEN
    expect(said).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--as has no meaning'),
    });
  });
});
