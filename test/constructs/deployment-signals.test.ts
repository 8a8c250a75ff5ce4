import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ServerApplication, ServerDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { FargateService } from 'aws-cdk-lib/aws-ecs';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DeploymentSignal } from '../../lib/constructs/deployment-signal.ts';
import { parseDeploymentEvent } from '../../lib/core/gates/deployment-event.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { addOrchestrator, newStack } from './orchestrator-fixture.ts';

let bundles: IdleBundles;
beforeAll(() => {
  bundles = makeIdleBundles();
});
afterAll(() => bundles.remove());

const SERVICE_ARN = 'arn:aws:ecs:eu-central-1:111122223333:service/prod/web';

const SIGNALS: Readonly<Record<string, (stack: Stack) => DeploymentSignal>> = {
  ecs: (stack) =>
    DeploymentSignal.ecsService(
      FargateService.fromFargateServiceArn(stack, 'Web', SERVICE_ARN),
      'web',
    ),
  codeDeploy: (stack) =>
    DeploymentSignal.codeDeploy(
      ServerDeploymentGroup.fromServerDeploymentGroupAttributes(stack, 'Group', {
        application: ServerApplication.fromServerApplicationName(stack, 'App', 'shop'),
        deploymentGroupName: 'blue',
      }),
      'shop',
    ),
  pipeline: (stack) =>
    DeploymentSignal.pipeline(
      Pipeline.fromPipelineArn(
        stack,
        'Pipeline',
        'arn:aws:codepipeline:eu-central-1:111122223333:release',
      ),
      'api',
    ),
  custom: () => DeploymentSignal.customEvent(),
};

function templateWith(...names: readonly (keyof typeof SIGNALS)[]): Template {
  const stack = newStack();
  const orchestrator = addOrchestrator(stack, bundles.directory);
  for (const name of names) {
    const make = SIGNALS[name];
    if (make !== undefined) orchestrator.signalFrom(make(stack));
  }
  return Template.fromStack(stack);
}

describe('deployments as signals', () => {
  it('are listened to only where somebody asks for it', () => {
    templateWith().resourceCountIs('AWS::Events::Rule', 2); // of interrupted runs, and of the sweep
    templateWith('ecs', 'custom').resourceCountIs('AWS::Events::Rule', 4);
  });

  it.each([
    [
      'ecs',
      {
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change'],
        resources: [SERVICE_ARN],
        detail: { eventName: ['SERVICE_DEPLOYMENT_COMPLETED'] },
      },
      { signal: 'web', version: '$.detail.deploymentId' },
    ],
    [
      'codeDeploy',
      {
        source: ['aws.codedeploy'],
        'detail-type': ['CodeDeploy Deployment State-change Notification'],
        detail: { state: ['SUCCESS'], application: ['shop'], deploymentGroup: ['blue'] },
      },
      { signal: 'shop', version: '$.detail.deploymentId' },
    ],
    [
      'pipeline',
      {
        source: ['aws.codepipeline'],
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { state: ['SUCCEEDED'], pipeline: ['release'] },
      },
      { signal: 'api', version: '$.detail.execution-id' },
    ],
  ])('of %s are told with the signal that the user named', (name, pattern, told) => {
    // GIVEN
    const [rule] = Object.values(
      templateWith(name).findResources('AWS::Events::Rule', {
        Properties: { EventPattern: pattern },
      }),
    );
    const [target] = rule?.['Properties'].Targets ?? [];
    const { InputPathsMap: paths, InputTemplate: text } = target.InputTransformer;

    // WHEN EventBridge fills the template in
    const filled = Object.entries(paths as Record<string, string>).reduce(
      (filling, [key, path]) => filling.replace(`<${key}>`, JSON.stringify(path)),
      String(text),
    );

    // THEN the handler understands it
    expect(parseDeploymentEvent(JSON.parse(filled))).toEqual({
      kind: 'valid',
      value: {
        signalId: '$.id',
        name: told.signal,
        version: told.version,
        by: 'EventBridge $.source',
        executionId: undefined,
        migrationId: undefined,
      },
    });
  });

  it('of pipelines of other kinds are events on the bus of the orchestrator', () => {
    // GIVEN
    const stack = newStack();
    const eventBus = EventBus.fromEventBusName(stack, 'Mine', 'releases');
    const orchestrator = addOrchestrator(stack, bundles.directory, { eventBus });

    // WHEN
    orchestrator.signalFrom(DeploymentSignal.customEvent());

    // THEN
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'releases',
      EventPattern: { source: ['lockkeeper.signal'] },
    });
  });

  it('are kept for a person when they cannot be delivered, and when the handler fails', () => {
    const template = templateWith('ecs');

    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.ecs'] },
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('receivesignal'), 'Arn'] },
          DeadLetterConfig: { Arn: Match.anyValue() },
        }),
      ],
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('receivesignal') },
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
      MaximumRetryAttempts: 2,
    });
  });

  it('refuse a signal without a name', () => {
    expect(() => DeploymentSignal.ecsService({ serviceArn: SERVICE_ARN } as never, ' ')).toThrow(
      'a signal must have 1 to 100 characters, got " "',
    );
  });

  it('add nothing that the AWS Solutions rules object to', () => {
    const namesWith = (...names: readonly (keyof typeof SIGNALS)[]) => {
      const stack = newStack();
      const orchestrator = addOrchestrator(stack, bundles.directory);
      for (const name of names) orchestrator.signalFrom(SIGNALS[name]?.(stack) as DeploymentSignal);
      const { violations } = new AwsSolutionsChecks().validateScope(stack);
      return new Set(violations.map(({ ruleName }) => ruleName));
    };

    expect(namesWith('ecs', 'codeDeploy', 'pipeline', 'custom')).toEqual(namesWith());
  });
});
