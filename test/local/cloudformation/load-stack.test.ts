import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { BY_TIME_INDEX } from '../../../lib/aws/control-store/keys.ts';
import { HandlerCode } from '../../../lib/constructs/handler-code.ts';
import { LockkeeperStack } from '../../../lib/constructs/lockkeeper-stack.ts';
import { HANDLER_ENVIRONMENT, HANDLER_NAMES } from '../../../lib/core/workflow/handlers.ts';
import type { SynthesizedStack } from '../../../lib/local/cloudformation/cloud-assembly.ts';
import { type LoadedStack, loadStack } from '../../../lib/local/cloudformation/load-stack.ts';
import type { Template } from '../../../lib/local/cloudformation/template.ts';
import { controlTableDefinition } from '../../aws/control-store/control-table-definition.ts';
import { type IdleBundles, makeIdleBundles } from '../../constructs/idle-bundles.ts';

const SETTINGS = {
  clusterIdentifier: 'app-dev',
  secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app-dev-AbCdEf',
  databaseName: 'app',
  handlerEnvironment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4000' },
  stateMachineAlias: 'no',
} as const;

let bundles: IdleBundles;
let outDirectory: string;
let stack: LoadedStack;
beforeAll(async () => {
  bundles = makeIdleBundles();
  outDirectory = await mkdtemp(join(tmpdir(), 'lockkeeper-assembly-'));
  const app = new App({ analyticsReporting: false, outdir: outDirectory });
  const handlerCode = HandlerCode.fromDirectory(bundles.directory);
  new LockkeeperStack(app, 'Lockkeeper', { settings: SETTINGS, handlerCode });
  stack = await loadStack(app.synth().directory);
});
afterAll(async () => {
  bundles.remove();
  await rm(outDirectory, { recursive: true, force: true });
});

/** A stack of these resources alone. */
function stackOf(Resources: Template['Resources']): SynthesizedStack {
  return { stackName: 'Test', template: { Resources }, assets: new Map() };
}

describe('loadStack', () => {
  it('finds a function with its code for each handler', async () => {
    expect(stack.functions).toHaveLength(HANDLER_NAMES.length);
    for (const [index, fn] of stack.functions.entries()) {
      const code = await readFile(join(fn.bundlePath, 'index.mjs'), 'utf8');
      expect(code).toContain(`'${HANDLER_NAMES[index]}'`);
      expect(fn).toMatchObject({ handler: 'index.handler', timeoutSeconds: 900, memoryMb: 512 });
    }
  });

  it('gives each function the whole environment, with local names', () => {
    for (const { environment } of stack.functions) {
      for (const variable of Object.values(HANDLER_ENVIRONMENT)) {
        expect(environment).toHaveProperty(variable);
      }
      expect(environment).toMatchObject({
        LOCKKEEPER_CLUSTER_ARN: 'arn:aws:rds:us-east-1:000000000000:cluster:app-dev',
        LOCKKEEPER_CONTROL_TABLE: stack.tables[0]?.create.TableName,
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4000',
      });
    }
  });

  it('resolves the definition so that every function name in it is one of the functions', () => {
    const [machine] = stack.stateMachines;
    const invoked = [...(machine?.definition ?? '').matchAll(/"FunctionName":"([^"]+)"/g)];
    const known = stack.functions.map(
      ({ name }) => `arn:aws:lambda:us-east-1:000000000000:function:${name}:1`,
    );

    expect(invoked.length).toBeGreaterThan(15);
    for (const [, name] of invoked) expect(known).toContain(name);
    expect(machine?.definition).not.toMatch(/Fn::|"Ref"/);
  });

  it('makes the table that the control store expects', () => {
    const [table] = stack.tables;

    expect(table?.create).toEqual(controlTableDefinition(table?.create.TableName ?? ''));
    expect(table?.create.GlobalSecondaryIndexes?.[0]?.IndexName).toBe(BY_TIME_INDEX.name);
  });

  it('shows the outputs that an environment is configured with', () => {
    const decideGate = stack.functions.find(({ name }) => name.includes('decidegate'));

    expect(stack.outputs).toEqual({
      StateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${stack.stateMachines[0]?.name}`,
      RestoreStateMachineArn: expect.stringContaining('RestoreStateMachine'),
      ControlTableName: stack.tables[0]?.create.TableName,
      ControlKeyArn: expect.stringContaining('arn:aws:kms:us-east-1:000000000000:key/'),
      DecideGateFunctionName: decideGate?.name,
    });
  });

  it('finds the rule that takes interrupted runs back, and where it leads', () => {
    const machine = `arn:aws:states:us-east-1:000000000000:stateMachine:${stack.stateMachines[0]?.name}`;

    expect(stack.rules).toEqual([
      {
        name: expect.stringContaining('InterruptedRuns'),
        pattern: expect.objectContaining({
          source: ['aws.states'],
          detail: expect.objectContaining({ stateMachineArn: [machine] }),
        }),
        targets: [{ arn: machine, input: { kind: 'path', path: '$.detail' } }],
      },
      {
        name: expect.stringContaining('Sweep'),
        everyMs: 3_600_000,
        targets: [{ arn: expect.stringContaining('sweep'), input: { kind: 'event' } }],
      },
    ]);
  });

  it('finds a rule that leads to a function', async () => {
    const outdir = await mkdtemp(join(tmpdir(), 'lockkeeper-signals-'));
    const app = new App({ analyticsReporting: false, outdir });
    const handlerCode = HandlerCode.fromDirectory(bundles.directory);
    const settings = { ...SETTINGS, customSignals: 'yes' } as const;
    new LockkeeperStack(app, 'Lockkeeper', { settings, handlerCode });

    const { rules, functions } = await loadStack(app.synth().directory);
    await rm(outdir, { recursive: true, force: true });

    const decideGate = functions.find(({ name }) => name.includes('receivesignal'))?.name;
    expect(rules).toContainEqual({
      name: expect.any(String),
      pattern: { source: ['lockkeeper.signal'] },
      targets: [
        {
          arn: `arn:aws:lambda:us-east-1:000000000000:function:${decideGate}`,
          input: { kind: 'event' },
        },
      ],
    });
  });

  it.each([
    [
      { ScheduleExpression: 'cron(0 3 * * ? *)' },
      'does not know the schedule cron(0 3 * * ? *) of the rule Rule',
    ],
    [{ EventBusName: 'releases' }, 'does not know the bus releases of the rule Rule'],
    [
      { Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:us-east-1:000000000000:q' }] },
      'does not know the target arn:aws:sqs:us-east-1:000000000000:q of the rule Rule',
    ],
    [{ EventPattern: { detail: { n: [{ cidr: '10.0.0.0/24' }] } } }, "'detail.n' holds"],
  ])('fails when a rule has %j', async (properties, message) => {
    const Properties = { EventPattern: { source: ['shop'] }, ...properties };
    const rule = stackOf({ Rule: { Type: 'AWS::Events::Rule', Properties } });

    await expect(loadStack(rule)).rejects.toThrow(message);
  });

  it('takes region and account from the caller', async () => {
    const place = { partition: 'aws', region: 'eu-west-1', account: '123456789012' };

    const elsewhere = await loadStack(outDirectory, { place });

    expect(elsewhere.outputs['StateMachineArn']).toMatch(/^arn:aws:states:eu-west-1:123456789012:/);
  });

  it('fails when a resource would be lost', async () => {
    const bucket = stackOf({ Bucket: { Type: 'AWS::S3::Bucket' } });

    await expect(loadStack(bucket)).rejects.toThrow(
      'does not know the resource type AWS::S3::Bucket of Bucket',
    );
  });

  it('fails when something refers to what does not exist', async () => {
    const dangling = stackOf({
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { Ref: 'Nothing' } } },
    });

    await expect(loadStack(dangling)).rejects.toThrow('refers to Nothing');
  });

  it('fails when the code of a function is nowhere', async () => {
    const codeless = stackOf({
      Fn: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: 'x' } } },
    });

    await expect(loadStack(codeless)).rejects.toThrow('code of the function Fn is not among');
  });

  it('fails when the folder is no cloud assembly', async () => {
    await expect(loadStack(bundles.directory)).rejects.toThrow('cannot be read as JSON');
  });
});
