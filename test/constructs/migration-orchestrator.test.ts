import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HandlerCode } from '../../lib/constructs/handler-code.ts';
import type { MigrationOrchestratorProps } from '../../lib/constructs/migration-orchestrator.ts';
import { HANDLER_NAMES } from '../../lib/core/workflow/handlers.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { addOrchestrator, newStack } from './orchestrator-fixture.ts';

let bundles: IdleBundles;
beforeAll(() => {
  bundles = makeIdleBundles();
});
afterAll(() => bundles.remove());

function templateWith(props: Partial<MigrationOrchestratorProps> = {}): Template {
  const stack = newStack();
  addOrchestrator(stack, bundles.directory, props);
  return Template.fromStack(stack);
}

describe('MigrationOrchestrator', () => {
  it('makes a function with a role, a log group and a retained version for each handler', () => {
    const template = templateWith();

    const each = HANDLER_NAMES.length;
    template.resourceCountIs('AWS::Lambda::Function', each);
    template.resourceCountIs('AWS::Logs::LogGroup', each + 2); // and one of each state machine
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 900,
      MemorySize: 512,
      LoggingConfig: { LogGroup: Match.anyValue() },
      Environment: {
        Variables: {
          LOCKKEEPER_CLUSTER_ARN: {
            'Fn::Join': Match.arrayWith([
              Match.arrayWith([':rds:eu-central-1:111122223333:cluster:app-prod']),
            ]),
          },
          LOCKKEEPER_CLUSTER_IDENTIFIER: 'app-prod',
          LOCKKEEPER_DATABASE: 'app',
          LOCKKEEPER_EVENT_BUS: 'default',
        },
      },
    });
    template.allResources('AWS::Lambda::Version', { DeletionPolicy: 'Retain' });
  });

  it('keeps the control table as safe as what it remembers is precious', () => {
    templateWith().hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      },
    });
  });

  it('retains the state machine, logs every event, and no data: task tokens pass through it', () => {
    templateWith().hasResource('AWS::StepFunctions::StateMachine', {
      DeletionPolicy: 'Retain',
      Properties: {
        StateMachineType: 'STANDARD',
        LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
        TracingConfiguration: { Enabled: true },
      },
    });
  });

  it('invokes published versions, so that a deployment leaves running executions alone', () => {
    const machines = templateWith().findResources('AWS::StepFunctions::StateMachine');
    const [definition] = Object.values(machines).map(({ Properties }) =>
      JSON.stringify(Properties.DefinitionString),
    );

    expect(definition?.match(/"Ref":"\w*CurrentVersion\w*"/g)?.length).toBeGreaterThanOrEqual(10);
    expect(definition).not.toMatch(/Fn::GetAtt/);
  });

  it('rolls back runs that were interrupted from outside, but not a way back', () => {
    templateWith().hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp('StateMachine') }],
          input: [{ 'anything-but': { wildcard: ['*"mode":"rollback"*', '*"executionArn"*'] } }],
          $or: [
            { status: ['ABORTED', 'TIMED_OUT'] },
            { status: ['FAILED'], error: [{ prefix: 'States.' }] },
          ],
        },
      },
      Targets: [
        Match.objectLike({ InputPath: '$.detail', DeadLetterConfig: { Arn: Match.anyValue() } }),
      ],
    });
  });

  describe('does what each prop says:', () => {
    it('databaseName', () => {
      templateWith({ databaseName: 'shop' }).allResourcesProperties('AWS::Lambda::Function', {
        Environment: { Variables: { LOCKKEEPER_DATABASE: 'shop' } },
      });
    });

    it('architecture and memorySize', () => {
      templateWith({
        architecture: Architecture.X86_64,
        memorySize: 1_024,
      }).allResourcesProperties('AWS::Lambda::Function', {
        Architectures: ['x86_64'],
        MemorySize: 1_024,
      });
    });

    it('handlerEnvironment', () => {
      templateWith({
        handlerEnvironment: { AWS_ENDPOINT_URL_RDS_DATA: 'http://localhost:1' },
      }).allResourcesProperties('AWS::Lambda::Function', {
        Environment: { Variables: { AWS_ENDPOINT_URL_RDS_DATA: 'http://localhost:1' } },
      });
    });

    it('logRetention', () => {
      templateWith({ logRetention: RetentionDays.ONE_WEEK }).allResourcesProperties(
        'AWS::Logs::LogGroup',
        { RetentionInDays: 7 },
      );
    });

    it('removalPolicy', () => {
      const template = templateWith({ removalPolicy: RemovalPolicy.DESTROY });

      for (const type of ['DynamoDB::Table', 'KMS::Key', 'Logs::LogGroup']) {
        template.allResources(`AWS::${type}`, { DeletionPolicy: 'Delete' });
      }
      template.hasResource('AWS::StepFunctions::StateMachine', { DeletionPolicy: 'Delete' });
      template.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
    });

    it('encryptionKey', () => {
      const stack = newStack();
      const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/mine';
      const encryptionKey = Key.fromKeyArn(stack, 'Mine', keyArn);
      addOrchestrator(stack, bundles.directory, { encryptionKey });
      const template = Template.fromStack(stack);

      template.resourceCountIs('AWS::KMS::Key', 0);
      template.hasResourceProperties('AWS::DynamoDB::Table', {
        SSESpecification: { KMSMasterKeyId: keyArn },
      });
      template.allResourcesProperties('AWS::Lambda::Function', {
        Environment: { Variables: { LOCKKEEPER_CONTROL_KEY: keyArn } },
      });
    });

    it('controlTable', () => {
      const stack = newStack();
      const controlTable = Table.fromTableName(stack, 'Mine', 'my-table');
      const orchestrator = addOrchestrator(stack, bundles.directory, { controlTable });
      const template = Template.fromStack(stack);

      expect(orchestrator.controlTable).toBe(controlTable);
      template.resourceCountIs('AWS::DynamoDB::Table', 0);
      template.allResourcesProperties('AWS::Lambda::Function', {
        Environment: { Variables: { LOCKKEEPER_CONTROL_TABLE: 'my-table' } },
      });
    });

    it('eventBus', () => {
      const stack = newStack();
      const eventBus = EventBus.fromEventBusName(stack, 'Mine', 'releases');
      addOrchestrator(stack, bundles.directory, { eventBus });

      Template.fromStack(stack).allResourcesProperties('AWS::Lambda::Function', {
        Environment: { Variables: { LOCKKEEPER_EVENT_BUS: 'releases' } },
      });
    });
  });

  it.each<[string, Partial<MigrationOrchestratorProps>]>([
    ['databaseName must have 1 to 63 bytes, got ""', { databaseName: '' }],
    ['memorySize must be a whole number of MiB from 128 to 10240, got 64', { memorySize: 64 }],
    [
      'handlerEnvironment must not set LOCKKEEPER_DATABASE',
      { handlerEnvironment: { LOCKKEEPER_DATABASE: 'other' } },
    ],
  ])('fails when %s', (message, props) => {
    expect(() => templateWith(props)).toThrow(message);
  });

  it('fails when handlers are not bundled, and names them', () => {
    expect(() => HandlerCode.fromDirectory('/nowhere')).toThrow(
      '/nowhere has no bundle of prepare, snapshot, expand',
    );
  });
});
