import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ALARM_TITLES } from '../../lib/constructs/alarm-catalog.ts';
import { HandlerCode } from '../../lib/constructs/handler-code.ts';
import { LockkeeperStack } from '../../lib/constructs/lockkeeper-stack.ts';
import type { StackSettings } from '../../lib/constructs/stack-settings.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { SECRET_ARN } from './orchestrator-fixture.ts';

let bundles: IdleBundles;
beforeAll(() => {
  bundles = makeIdleBundles();
});
afterAll(() => bundles.remove());

function templateWith(settings: Partial<StackSettings> = {}): Template {
  const stack = new LockkeeperStack(new App({ analyticsReporting: false }), 'Lockkeeper', {
    settings: {
      clusterIdentifier: 'app-prod',
      secretArn: SECRET_ARN,
      databaseName: 'app',
      handlerEnvironment: {},
      ...settings,
    },
    handlerCode: HandlerCode.fromDirectory(bundles.directory),
  });
  return Template.fromStack(stack);
}

describe('the stack beside an existing cluster', () => {
  it('watches and listens only where its settings say so', () => {
    const template = templateWith();

    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    template.resourceCountIs('AWS::Events::Rule', 2); // of interrupted runs, and of the sweep
  });

  it('tells a topic, shows a dashboard and takes signals of pipelines', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-central-1:111122223333:on-call';

    const template = templateWith({ alarmTopicArn, dashboard: 'yes', customSignals: 'yes' });

    template.resourceCountIs('AWS::CloudWatch::Alarm', ALARM_TITLES.length);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alarmTopicArn] });
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['lockkeeper.signal'] },
    });
  });

  it('tells the environment to start executions through the alias', () => {
    templateWith().hasOutput('StateMachineArn', {
      Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('EntranceAlias'), 'Arn'] },
    });
    templateWith({ stateMachineAlias: 'no' }).hasOutput('StateMachineArn', {
      Value: { Ref: Match.stringLikeRegexp('StateMachine') },
    });
  });
});
