import type {
  IEcsDeploymentGroup,
  ILambdaDeploymentGroup,
  IServerDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import type { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import type { IService } from 'aws-cdk-lib/aws-ecs';
import { EventField, type EventPattern, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LockkeeperError } from '../core/errors.ts';
import {
  type DeploymentMessage,
  MAX_SIGNAL_LENGTH,
  SIGNAL_SOURCE,
} from '../core/gates/deployment-event.ts';

/**
 * An event that says a version of the application is deployed, and the signal that gates know it by.
 * Nobody can put events of AWS services on a bus themselves: their sources begin with `aws.`, which
 * PutEvents refuses.
 */
export class DeploymentSignal {
  /** Which events. */
  readonly pattern: EventPattern;
  /** What the receiving handler is told of one; undefined: all of it. */
  readonly input: RuleTargetInput | undefined;
  /** Events of AWS services come to the account's default bus, wherever ours go. */
  readonly bus: 'default' | 'orchestrator';
  /** For people. */
  readonly description: string;

  private constructor(parts: {
    readonly pattern: EventPattern;
    readonly input?: RuleTargetInput;
    readonly bus: 'default' | 'orchestrator';
    readonly description: string;
  }) {
    this.pattern = parts.pattern;
    this.input = parts.input;
    this.bus = parts.bus;
    this.description = parts.description;
  }

  /** A deployment of the ECS service reached its steady state. @param signal as in the gate's `signals` */
  static ecsService(service: IService, signal: string): DeploymentSignal {
    return DeploymentSignal.#ofService('aws.ecs', signal, 'deploymentId', {
      detailType: ['ECS Deployment State Change'],
      // The detail does not say which service it is.
      resources: [service.serviceArn],
      detail: { eventName: ['SERVICE_DEPLOYMENT_COMPLETED'] },
    });
  }

  /** A deployment of the CodeDeploy group succeeded. @param signal as in the gate's `signals` */
  static codeDeploy(
    group: IServerDeploymentGroup | IEcsDeploymentGroup | ILambdaDeploymentGroup,
    signal: string,
  ): DeploymentSignal {
    return DeploymentSignal.#ofService('aws.codedeploy', signal, 'deploymentId', {
      detailType: ['CodeDeploy Deployment State-change Notification'],
      detail: {
        state: ['SUCCESS'],
        application: [group.application.applicationName],
        deploymentGroup: [group.deploymentGroupName],
      },
    });
  }

  /** A run of the pipeline succeeded, its last stage too. @param signal as in the gate's `signals` */
  static pipeline(pipeline: IPipeline, signal: string): DeploymentSignal {
    return DeploymentSignal.#ofService('aws.codepipeline', signal, 'execution-id', {
      detailType: ['CodePipeline Pipeline Execution State Change'],
      detail: { state: ['SUCCEEDED'], pipeline: [pipeline.pipelineName] },
    });
  }

  /**
   * An event that any pipeline can put on the orchestrator's bus: source `lockkeeper.signal`, detail
   * `{executionId or migrationId, name, version?, id?}`. Whoever may put events there may signal.
   */
  static customEvent(): DeploymentSignal {
    return new DeploymentSignal({
      pattern: { source: [SIGNAL_SOURCE] },
      bus: 'orchestrator',
      description: `Lockkeeper: signals that pipelines send as ${SIGNAL_SOURCE}`,
    });
  }

  static #ofService(
    source: string,
    signal: string,
    versionField: string,
    pattern: EventPattern,
  ): DeploymentSignal {
    checkSignal(signal);
    const message: DeploymentMessage = {
      signal,
      id: EventField.eventId,
      source: EventField.source,
      version: EventField.fromPath(`$.detail.${versionField}`),
    };
    return new DeploymentSignal({
      pattern: { source: [source], ...pattern },
      input: RuleTargetInput.fromObject(message),
      bus: 'default',
      description: `Lockkeeper: a deployment seen by ${source} is the signal ${signal}`,
    });
  }
}

function checkSignal(signal: string): void {
  if (signal.trim() !== '' && signal.length <= MAX_SIGNAL_LENGTH) return;
  throw new LockkeeperError(
    'InvalidConfiguration',
    `a signal must have 1 to ${MAX_SIGNAL_LENGTH} characters, got ${JSON.stringify(signal)}`,
    { fix: "use a name of the gate's `signals`, such as app" },
  );
}
