import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Function as Handler } from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface ClusterSweepProps {
  readonly handler: Handler;
  readonly removalPolicy: RemovalPolicy;
}

/** Once an hour, removes restored clusters that outlived the time in their tag. */
export class ClusterSweep extends Construct {
  readonly handler: Handler;
  /** Calls that never reached the handler; the next hour makes up for them. */
  readonly undelivered: sqs.Queue;
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: ClusterSweepProps) {
    super(scope, id);
    this.handler = props.handler;
    this.undelivered = new sqs.Queue(this, 'Undelivered', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: props.removalPolicy,
    });
    this.rule = new events.Rule(this, 'Schedule', {
      description: 'Lockkeeper: removes restored clusters whose time is over',
      schedule: events.Schedule.rate(Duration.hours(1)),
      targets: [
        new LambdaFunction(props.handler, {
          deadLetterQueue: this.undelivered,
          retryAttempts: 2,
          maxEventAge: Duration.hours(1), // the next one is due then
        }),
      ],
    });
  }
}
