import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { HandlerFunctions } from './handler-functions.ts';
import { RestoreDefinition } from './restore-definition.ts';
import { WorkflowEntrance } from './workflow-entrance.ts';

export interface RestoreWorkflowProps {
  readonly handlers: HandlerFunctions;
  /** Whether restores start through an alias; emulators without it start on the state machine. */
  readonly alias: boolean;
  /** @default - CloudWatch's own encryption */
  readonly logKey: IKey | undefined;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Makes a cluster of a snapshot or of a point in time, verifies it and, when somebody approves,
 * lets it take the name of the original. A state machine of its own: a restore must work while
 * everything about the migration is in doubt.
 */
export class RestoreWorkflow extends Construct {
  readonly stateMachine: sfn.StateMachine;
  /** Where restores are started. */
  readonly entrance: WorkflowEntrance;

  constructor(scope: Construct, id: string, props: RestoreWorkflowProps) {
    super(scope, id);
    const { handlers, logKey: encryptionKey, logRetention: retention, removalPolicy } = props;
    const definition = new RestoreDefinition(this, 'Workflow', { handlers: handlers.versions });
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      comment: 'Restores a cluster beside the original, and lets it take over when approved',
      definitionBody: sfn.DefinitionBody.fromChainable(definition.start),
      stateMachineType: sfn.StateMachineType.STANDARD,
      logs: {
        destination: new LogGroup(this, 'StateMachineLogs', {
          retention,
          removalPolicy,
          ...(encryptionKey !== undefined && { encryptionKey }),
        }),
        level: sfn.LogLevel.ALL,
        includeExecutionData: false, // task tokens pass through it
      },
      tracingEnabled: true,
      removalPolicy,
    });
    // A restore that was started before a deployment still invokes earlier versions.
    for (const name of INVOKED) handlers.functions[name].grantInvoke(this.stateMachine);
    // Its one gate waits for a person; no pipeline has a say in it.
    this.stateMachine.grants.actions(handlers.functions['decide-gate'], 'states:SendTaskSuccess');
    // A deployment that fails half-way is when a restore may be needed most.
    this.entrance = new WorkflowEntrance(this, 'Entrance', {
      stateMachine: this.stateMachine,
      alias: props.alias,
      removalPolicy,
    });
  }
}

const INVOKED = [
  'restore-cluster',
  'restore-verify',
  'restore-takeover',
  'open-gate',
  'finish',
] as const;
