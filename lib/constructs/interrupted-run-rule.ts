import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface InterruptedRunRuleProps {
  readonly stateMachine: StateMachine;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Takes back what a run left behind that could not do it itself: it was stopped from outside,
 * timed out, or died of an error that no Catch sees (`States.Runtime`, the history's limit). The
 * same state machine is started with the event, whose way leads straight back. Whoever only wants
 * an execution to stop and wait uses pause or abort instead of StopExecution.
 */
export class InterruptedRunRule extends Construct {
  /** Events that could not be delivered; anything in it needs a person. */
  readonly undelivered: sqs.Queue;
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: InterruptedRunRuleProps) {
    super(scope, id);
    this.undelivered = new sqs.Queue(this, 'Undelivered', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: props.removalPolicy,
    });
    this.rule = new events.Rule(this, 'Rule', {
      description: 'Lockkeeper: rolls back executions that were interrupted from outside',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [props.stateMachine.stateMachineArn],
          // A way back that was itself interrupted is not started over and over: a person decides.
          input: [{ 'anything-but': { wildcard: ['*"mode":"rollback"*', '*"executionArn"*'] } }],
          $or: [
            { status: ['ABORTED', 'TIMED_OUT'] },
            { status: ['FAILED'], error: [{ prefix: 'States.' }] },
          ],
        },
      },
    });
    this.rule.addTarget(
      new SfnStateMachine(props.stateMachine, {
        input: events.RuleTargetInput.fromEventPath('$.detail'),
        deadLetterQueue: this.undelivered,
      }),
    );
  }
}
