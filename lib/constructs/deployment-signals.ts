import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Function as Handler } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeploymentSignal } from './deployment-signal.ts';

/** An event that is older tells of a deployment that somebody has looked into by then. */
const MAX_EVENT_AGE = Duration.hours(6);

export interface DeploymentSignalsProps {
  /** Invoked by rules alone: whoever else may invoke it can signal in the name of any service. */
  readonly receiver: Handler;
  /** Where custom events are put. */
  readonly eventBus: events.IEventBus;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Deployments as signals: one rule for each kind of event, all of them to the handler that gives
 * the signal to the execution that is under way.
 */
export class DeploymentSignals extends Construct {
  /** Signals that got lost on their way, or that the handler failed with; anything in it needs a person. */
  readonly undelivered: sqs.Queue;
  readonly #props: DeploymentSignalsProps;
  #count = 0;

  constructor(scope: Construct, id: string, props: DeploymentSignalsProps) {
    super(scope, id);
    this.#props = props;
    this.undelivered = new sqs.Queue(this, 'Undelivered', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: props.removalPolicy,
    });
    // The rule's dead letters are those that never reached the handler; these reached it and failed.
    props.receiver.configureAsyncInvoke({
      onFailure: new SqsDestination(this.undelivered),
      maxEventAge: MAX_EVENT_AGE,
      retryAttempts: 2,
    });
  }

  /** Listens to one more kind of event. */
  add(signal: DeploymentSignal): events.Rule {
    this.#count += 1;
    const { receiver, eventBus } = this.#props;
    return new events.Rule(this, `Rule${this.#count}`, {
      description: signal.description,
      eventPattern: signal.pattern,
      ...(signal.bus === 'orchestrator' && { eventBus }),
      targets: [
        new LambdaFunction(receiver, {
          ...(signal.input !== undefined && { event: signal.input }),
          deadLetterQueue: this.undelivered,
          maxEventAge: MAX_EVENT_AGE,
        }),
      ],
    });
  }
}
