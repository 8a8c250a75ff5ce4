import { createHash } from 'node:crypto';
import { type CfnResource, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  type CfnStateMachine,
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  type StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IDependable } from 'constructs';

export interface WorkflowEntranceProps {
  readonly stateMachine: StateMachine;
  /** Whether executions start through an alias; emulators without it start on the state machine. */
  readonly alias: boolean;
  /** Of the alias. Versions stay whatever it says: only the state machine takes them away. */
  readonly removalPolicy: RemovalPolicy;
}

/** The alias that executions start through. */
export const ALIAS_NAME = 'live';

/**
 * Where executions are started: an alias that leads to the version of a deployment whose functions,
 * permissions and rules are in place. While one is under way, and when it fails half-way, new
 * executions start with the definition that goes with those of before.
 *
 * CloudFormation publishes a version when it creates the resource and never again, so the resource
 * has another logical id for each definition, and the one that leaves the template is retained.
 */
export class WorkflowEntrance extends Construct {
  /** What StartExecution is given. An execution's own ARN has no alias in it. */
  readonly arn: string;
  readonly #stateMachine: StateMachine;
  readonly #alias: CfnStateMachineAlias | undefined;

  constructor(scope: Construct, id: string, props: WorkflowEntranceProps) {
    super(scope, id);
    this.#stateMachine = props.stateMachine;
    this.#alias = props.alias ? this.#createAlias(props.removalPolicy) : undefined;
    this.arn = this.#alias?.attrArn ?? props.stateMachine.stateMachineArn;
  }

  /** Lets the alias move on only when all of this is deployed, permissions included. */
  openAfter(...parts: readonly IDependable[]): void {
    this.#alias?.node.addDependency(...parts);
  }

  /**
   * IAM checks the ARN of the state machine whatever alias is asked for, and has the alias in a
   * condition key (Step Functions guide, "Authorization for versions and aliases").
   */
  grantStart(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['states:StartExecution'],
      resourceArns: [this.#stateMachine.stateMachineArn],
      ...(this.#alias !== undefined && {
        conditions: {
          'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': [ALIAS_NAME] },
        },
      }),
    });
  }

  #createAlias(removalPolicy: RemovalPolicy): CfnStateMachineAlias {
    const alias = new CfnStateMachineAlias(this, 'Alias', {
      name: ALIAS_NAME,
      description: 'Lockkeeper: executions start here',
      routingConfiguration: [
        { stateMachineVersionArn: this.#publishVersion().attrArn, weight: 100 },
      ],
    });
    alias.applyRemovalPolicy(removalPolicy);
    return alias;
  }

  #publishVersion(): CfnStateMachineVersion {
    // The L2 makes exactly one resource.
    const definition = this.#stateMachine.node.defaultChild as CfnStateMachine;
    const version = new CfnStateMachineVersion(this, 'Version', {
      stateMachineArn: this.#stateMachine.stateMachineArn,
      description: 'Lockkeeper: the workflow of one deployment',
      // Publishes what this deployment made, or nothing: never what somebody else put in between.
      stateMachineRevisionId: definition.attrStateMachineRevisionId,
    });
    version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    nameAfter(version, definition);
    return version;
  }
}

/** Enough of SHA-256 that two definitions of one stack never share it. */
const HASH_LENGTH = 16;

/** Late, because the versions of the functions in the definition are named after their code as late. */
function nameAfter(version: CfnResource, definition: CfnStateMachine): void {
  const stack = Stack.of(version);
  const stem: string = stack.resolve(version.logicalId);
  version.overrideLogicalId(
    Lazy.uncachedString({
      produce: () => {
        const { definitionString, roleArn } = definition;
        const content = JSON.stringify(stack.resolve({ definitionString, roleArn }));
        return `${stem}${createHash('sha256').update(content).digest('hex').slice(0, HASH_LENGTH)}`;
      },
    }),
  );
}
