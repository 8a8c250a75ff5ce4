import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { ControlStore } from './control-store.ts';
import type { TargetDatabase } from './target-database.ts';
import type { WorkflowEntrance } from './workflow-entrance.ts';

export interface OrchestratorGrantsProps {
  readonly stateMachine: StateMachine;
  readonly restoreStateMachine: StateMachine;
  readonly entrance: WorkflowEntrance;
  readonly restoreEntrance: WorkflowEntrance;
  readonly decideGate: IFunction;
  readonly control: ControlStore;
  readonly target: TargetDatabase;
  readonly eventBus: IEventBus;
}

/**
 * The roles that people and pipelines have. None includes another: who starts migrations cannot
 * approve them, and who approves cannot change what they approve.
 */
export class OrchestratorGrants {
  readonly #parts: OrchestratorGrantsProps;

  constructor(parts: OrchestratorGrantsProps) {
    this.#parts = parts;
  }

  /** Starts, resumes and rolls back executions; hands over a migration's files. */
  start(grantee: iam.IGrantable): iam.Grant {
    const { stateMachine, entrance, control, eventBus } = this.#parts;
    eventBus.grantPutEventsTo(grantee);
    return entrance
      .grantStart(grantee)
      .combine(stateMachine.grants.execution(grantee, ...WATCH_ACTIONS))
      .combine(control.grantReadWrite(grantee, ['execution', 'source', 'flags', 'audit']));
  }

  /**
   * Approves, rejects, signals, pauses and aborts: all of it through the function that records who. Its
   * latest code alone: an earlier version may check less.
   */
  approve(grantee: iam.IGrantable): iam.Grant {
    return this.#parts.decideGate.grantInvokeLatestVersion(grantee);
  }

  /** Looks at executions, plans, gates and the audit trail. */
  read(grantee: iam.IGrantable): iam.Grant {
    const { stateMachine, restoreStateMachine, control } = this.#parts;
    return control
      .grantRead(grantee)
      .combine(stateMachine.grants.execution(grantee, ...WATCH_ACTIONS))
      .combine(restoreStateMachine.grants.execution(grantee, ...WATCH_ACTIONS));
  }

  /**
   * Starts and resumes restores, looks into a restored cluster, and restores by hand when the state
   * machine itself is in trouble. Whether a restored cluster takes over is for others to approve.
   */
  restore(grantee: iam.IGrantable): iam.Grant {
    const { restoreStateMachine, restoreEntrance, control, target, eventBus } = this.#parts;
    eventBus.grantPutEventsTo(grantee);
    return target
      .grantRestore(grantee)
      .combine(restoreEntrance.grantStart(grantee))
      .combine(restoreStateMachine.grants.execution(grantee, ...WATCH_ACTIONS))
      .combine(control.grantRead(grantee))
      .combine(control.grantReadWrite(grantee, ['execution', 'source', 'flags', 'audit']));
  }
}

const WATCH_ACTIONS = ['states:DescribeExecution', 'states:GetExecutionHistory'];
