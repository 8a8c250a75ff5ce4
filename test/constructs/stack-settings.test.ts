import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseStackSettings } from '../../lib/constructs/stack-settings.ts';

const GROUP = {
  clusterIdentifier: 'app-prod',
  secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!cluster-1-AbCdEf',
  databaseName: 'app',
};

const parse = (context: Readonly<Record<string, unknown>>) =>
  parseStackSettings((key) => context[key]);

describe('parseStackSettings', () => {
  it('reads the group of cdk.json', () => {
    expect(parse({ lockkeeper: GROUP })).toEqual({ ...GROUP, handlerEnvironment: {} });
  });

  it('prefers what the command line says', () => {
    const settings = parse({
      lockkeeper: GROUP,
      clusterIdentifier: 'app-staging',
      handlerEnvironment: '{"AWS_ENDPOINT_URL":"http://localhost:4566"}',
    });

    expect(settings).toEqual({
      ...GROUP,
      clusterIdentifier: 'app-staging',
      handlerEnvironment: { AWS_ENDPOINT_URL: 'http://localhost:4566' },
    });
  });

  it('reads the name and the end of a stack that only a test needs', () => {
    const context = { lockkeeper: GROUP, stackName: 'LockkeeperTest', removalPolicy: 'destroy' };

    expect(parse(context)).toMatchObject({ stackName: 'LockkeeperTest', removalPolicy: 'destroy' });
  });

  it('reads who is told, what is shown, who may signal and where executions start', () => {
    const watched = {
      alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call',
      dashboard: 'yes',
      hostMetrics: 'yes',
      customSignals: 'no',
      stateMachineAlias: 'no',
    };

    expect(parse({ lockkeeper: { ...GROUP, ...watched } })).toMatchObject(watched);
  });

  it('accepts the example of the committed cdk.json', async () => {
    const file = join(import.meta.dirname, '../../cdk.json');
    const { context } = JSON.parse(await readFile(file, 'utf8'));

    expect(parse(context)).toMatchObject({ databaseName: 'app' });
  });

  it('fails when nothing is given, and says all of it', () => {
    expect(() => parse({})).toThrow(
      /clusterIdentifier must be .*, got nothing; secretArn must be .*; databaseName must be/,
    );
  });

  it.each([
    ['clusterIdentifier', 'app_prod'],
    ['clusterIdentifier', 'app-'],
    ['secretArn', 'app-prod'],
    ['secretArn', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app'],
    ['databaseName', ' '],
    ['stackName', '1st'],
    ['removalPolicy', 'snapshot'],
    ['alarmTopicArn', 'on-call'],
    ['dashboard', 'maybe'],
    ['customSignals', true],
    ['stateMachineAlias', false],
    ['handlerEnvironment', 'AWS_ENDPOINT_URL=x'],
    ['handlerEnvironment', { AWS_ENDPOINT_URL: 1 }],
  ])('fails when %s is %p', (name, value) => {
    expect(() => parse({ lockkeeper: GROUP, [name]: value })).toThrow(`${name} must be`);
  });
});
