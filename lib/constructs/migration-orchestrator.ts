import { RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type LogGroupProps, RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import {
  HANDLER_CAPABILITIES,
  HANDLER_NAMES,
  OUTSIDE_HANDLERS,
  RESTORE_HANDLERS,
} from '../core/workflow/handlers.ts';
import { ClusterSweep } from './cluster-sweep.ts';
import { ControlStore } from './control-store.ts';
import type { DeploymentSignal } from './deployment-signal.ts';
import { DeploymentSignals } from './deployment-signals.ts';
import { HandlerFunctions } from './handler-functions.ts';
import { InterruptedRunRule } from './interrupted-run-rule.ts';
import { MigrationAlarms } from './migration-alarms.ts';
import { MigrationDashboard } from './migration-dashboard.ts';
import { MigrationMetrics } from './migration-metrics.ts';
import type { MigrationOrchestratorProps } from './migration-orchestrator-props.ts';
import { OrchestratorGrants } from './orchestrator-grants.ts';
import { checkDatabaseName, checkEnvironment, checkMemorySize } from './props-checks.ts';
import { RestoreWorkflow } from './restore-workflow.ts';
import { TargetDatabase } from './target-database.ts';
import { WorkflowDefinition } from './workflow-definition.ts';
import { WorkflowEntrance } from './workflow-entrance.ts';

export type { MigrationOrchestratorProps };

/**
 * Runs schema migrations on one database of an Aurora PostgreSQL cluster: a state machine that goes
 * from gate to gate, the functions that do its work, and the store that remembers what happened.
 *
 * A deployment never changes what runs: an execution keeps the definition it was started with, and
 * that definition names published versions of the functions. What starts meanwhile starts through an
 * alias, which moves on when everything that the new definition needs is in place.
 */
export class MigrationOrchestrator extends Construct {
  readonly stateMachine: sfn.StateMachine;
  /** What StartExecution is given: an alias of the state machine, where there is one. */
  readonly startArn: string;
  /** Restores, beside the migrations. */
  readonly restoreStateMachine: sfn.StateMachine;
  /** As `startArn`, for restores. */
  readonly restoreStartArn: string;
  readonly controlTable: ITable;
  readonly encryptionKey: IKey;
  /** Every decision about a gate goes through this function. */
  readonly decideGateFunction: LambdaFunction;
  /** Permissions for people and pipelines. */
  readonly grants: OrchestratorGrants;
  readonly #removalPolicy: RemovalPolicy;
  readonly #signalReceiver: LambdaFunction;
  readonly #eventBus: IEventBus;
  readonly #alarms: MigrationAlarms | undefined;
  #signals: DeploymentSignals | undefined;

  /** @throws LockkeeperError InvalidConfiguration for props that cannot work */
  constructor(scope: Construct, id: string, props: MigrationOrchestratorProps) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN, handlerEnvironment = {} } = props;
    const { logRetention = RetentionDays.ONE_YEAR, memorySize = 512 } = props;
    checkDatabaseName(props.databaseName);
    checkMemorySize(memorySize);
    checkEnvironment(handlerEnvironment);

    const target = new TargetDatabase(this, 'Target', {
      cluster: props.cluster,
      secret: props.secret,
      ...(props.storageEncryptionKey && { storageKey: props.storageEncryptionKey }),
    });
    const control = new ControlStore(this, 'Control', {
      ...(props.controlTable && { table: props.controlTable }),
      ...(props.encryptionKey && { key: props.encryptionKey }),
      removalPolicy,
    });
    const eventBus =
      props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    const handlers = new HandlerFunctions(this, 'Handlers', {
      code: props.handlerCode,
      target,
      databaseName: props.databaseName,
      control,
      eventBus,
      architecture: props.architecture ?? Architecture.ARM_64,
      memorySize,
      environment: handlerEnvironment,
      fourEyes: props.fourEyes ?? 'required',
      hostMetrics: props.hostMetrics ?? false,
      logRetention,
      removalPolicy,
    });
    this.stateMachine = this.#createStateMachine(handlers, {
      retention: logRetention,
      removalPolicy,
      ...(control.logKey !== undefined && { encryptionKey: control.logKey }),
    });
    const alias = props.stateMachineAlias ?? true;
    const entrance = new WorkflowEntrance(this, 'Entrance', {
      stateMachine: this.stateMachine,
      alias,
      removalPolicy,
    });
    this.startArn = entrance.arn;
    this.#grantWake(handlers);
    const interruptedRuns = new InterruptedRunRule(this, 'InterruptedRuns', {
      stateMachine: this.stateMachine,
      removalPolicy,
    });
    const sweep = new ClusterSweep(this, 'Sweep', {
      handler: handlers.functions.sweep,
      removalPolicy,
    });
    entrance.openAfter(handlers, control, this.stateMachine, interruptedRuns);
    this.#removalPolicy = removalPolicy;
    const restore = new RestoreWorkflow(this, 'Restore', {
      handlers,
      alias,
      logKey: control.logKey,
      logRetention,
      removalPolicy,
    });
    restore.entrance.openAfter(handlers, control, restore.stateMachine);
    this.restoreStateMachine = restore.stateMachine;
    this.restoreStartArn = restore.entrance.arn;
    this.#alarms = this.#observe(props, interruptedRuns, sweep);

    this.controlTable = control.table;
    this.encryptionKey = control.key;
    this.decideGateFunction = handlers.functions['decide-gate'];
    this.#signalReceiver = handlers.functions['receive-signal'];
    this.#eventBus = eventBus;
    this.grants = new OrchestratorGrants({
      stateMachine: this.stateMachine,
      restoreStateMachine: this.restoreStateMachine,
      entrance,
      restoreEntrance: restore.entrance,
      decideGate: this.decideGateFunction,
      control,
      target,
      eventBus,
    });
  }

  /**
   * Takes an event as the news that a version is deployed: an execution that is under way gets it as
   * a signal, at its gate or before. Each call adds a rule; none is there by default.
   */
  signalFrom(signal: DeploymentSignal): void {
    this.#signals ??= this.#createSignals();
    this.#signals.add(signal);
  }

  #createSignals(): DeploymentSignals {
    const signals = new DeploymentSignals(this, 'DeploymentSignals', {
      receiver: this.#signalReceiver,
      eventBus: this.#eventBus,
      removalPolicy: this.#removalPolicy,
    });
    this.#alarms?.watchSignals(signals.undelivered);
    return signals;
  }

  #observe(
    props: MigrationOrchestratorProps,
    interruptedRuns: InterruptedRunRule,
    sweep: ClusterSweep,
  ): MigrationAlarms | undefined {
    const target = `${props.cluster.clusterIdentifier}/${props.databaseName}`;
    const metrics = new MigrationMetrics(target);
    const { alarmTopic, runbook, dashboard = false } = props;
    if (dashboard) {
      const { stateMachine } = this;
      new MigrationDashboard(this, 'Dashboard', { target, metrics, stateMachine });
    }
    if (alarmTopic === undefined) return undefined;
    return new MigrationAlarms(this, 'Alarms', {
      topic: alarmTopic,
      metrics,
      interruptedRuns,
      stateMachine: this.stateMachine,
      restoreStateMachine: this.restoreStateMachine,
      sweep,
      ...(runbook !== undefined && { runbook }),
    });
  }

  #createStateMachine(
    handlers: HandlerFunctions,
    logs: LogGroupProps & { readonly removalPolicy: RemovalPolicy },
  ): sfn.StateMachine {
    const workflow = new WorkflowDefinition(this, 'Workflow', { handlers: handlers.versions });
    const stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      comment: 'Takes a PostgreSQL schema from one version to the next, with a way back',
      definitionBody: sfn.DefinitionBody.fromChainable(workflow.start),
      stateMachineType: sfn.StateMachineType.STANDARD,
      logs: {
        destination: new LogGroup(this, 'StateMachineLogs', logs),
        level: sfn.LogLevel.ALL,
        includeExecutionData: false, // task tokens pass through it
      },
      tracingEnabled: true,
      removalPolicy: logs.removalPolicy,
    });
    // The definition invokes the version of this deployment; executions that started earlier still
    // invoke earlier ones, so the role may invoke them all.
    for (const name of HANDLER_NAMES) {
      if (![...OUTSIDE_HANDLERS, ...RESTORE_HANDLERS].includes(name))
        handlers.functions[name].grantInvoke(stateMachine);
    }
    return stateMachine;
  }

  /** Waking is all that is allowed: nothing can fail a waiting state or speak for it otherwise. */
  #grantWake({ functions }: HandlerFunctions): void {
    for (const name of HANDLER_NAMES) {
      if (!HANDLER_CAPABILITIES[name].includes('wake')) continue;
      this.stateMachine.grants.actions(functions[name], 'states:SendTaskSuccess');
    }
  }
}
