import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  type FourEyes,
  HANDLER_CAPABILITIES,
  HANDLER_ENVIRONMENT,
  HANDLER_NAMES,
  HANDLER_TIMEOUT_SECONDS,
  type HandlerName,
  HOST_METRICS,
} from '../core/workflow/handlers.ts';
import { GATE_HANDLER } from '../core/workflow/states.ts';
import type { ControlStore } from './control-store.ts';
import type { HandlerCode } from './handler-code.ts';
import type { TargetDatabase } from './target-database.ts';

export interface HandlerFunctionsProps {
  readonly code: HandlerCode;
  readonly target: TargetDatabase;
  readonly databaseName: string;
  readonly control: ControlStore;
  readonly eventBus: IEventBus;
  readonly architecture: lambda.Architecture;
  /** MiB. */
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether four eyes are asked for whatever a project's configuration says. */
  readonly fourEyes: FourEyes;
  /** Whether the throttle reads CloudWatch too. */
  readonly hostMetrics: boolean;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** One function for each handler, each with a role of its own that can do what it needs and no more. */
export class HandlerFunctions extends Construct {
  /** The functions themselves, always the latest code: for callers from outside. */
  readonly functions: Readonly<Record<HandlerName, lambda.Function>>;
  /**
   * Their published versions, for the state machine. Step Functions keeps the definition that an
   * execution started with; with versions in it, it keeps the code as well.
   */
  readonly versions: Readonly<Record<HandlerName, lambda.IFunction>>;

  constructor(scope: Construct, id: string, props: HandlerFunctionsProps) {
    super(scope, id);
    this.functions = forEachHandler((name) => this.#createFunction(name, props));
    // The L2 types what may be absent in another way than its interface.
    this.versions = forEachHandler(
      (name) => this.functions[name].currentVersion as lambda.IFunction,
    );
  }

  #createFunction(name: HandlerName, props: HandlerFunctionsProps): lambda.Function {
    const logGroup = new LogGroup(this, `${name}-logs`, {
      retention: props.logRetention,
      ...(props.control.logKey !== undefined && { encryptionKey: props.control.logKey }),
      removalPolicy: props.removalPolicy,
    });
    const fn = new lambda.Function(this, name, {
      description: `Lockkeeper: ${name}`,
      code: props.code.codeOf(name),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: props.architecture,
      memorySize: props.memorySize,
      timeout: Duration.seconds(HANDLER_TIMEOUT_SECONDS),
      environment: { ...environmentOf(props), ...props.environment },
      logGroup,
      tracing: lambda.Tracing.ACTIVE,
      // A role without the managed policy of Lambda, which lets a function write to any log group.
      role: new Role(this, `${name}-role`, {
        description: `Lockkeeper: ${name}`,
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      }),
      // A version that an execution still runs on must outlive the deployment that replaces it.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    logGroup.grantWrite(fn);
    this.#grant(name, fn, props);
    return fn;
  }

  #grant(name: HandlerName, fn: lambda.Function, props: HandlerFunctionsProps): void {
    const capabilities = new Set(HANDLER_CAPABILITIES[name]);
    if (capabilities.has('sql')) props.target.grantSql(fn);
    if (capabilities.has('measure') && props.hostMetrics) props.target.grantMetrics(fn);
    if (capabilities.has('snapshot')) props.target.grantSnapshot(fn);
    if (capabilities.has('restore')) props.target.grantRestoreCluster(fn);
    if (capabilities.has('restored-sql')) props.target.grantRestoredSql(fn);
    if (capabilities.has('look')) props.target.grantLook(fn);
    if (capabilities.has('take-over')) props.target.grantTakeOver(fn);
    if (capabilities.has('sweep')) props.target.grantSweep(fn);
    if (capabilities.has('control')) props.control.grantHandler(fn);
    if (capabilities.has('list')) props.control.grantList(fn);
    // A task token passes through two handlers: one keeps it, the other wakes with it.
    if (name === GATE_HANDLER) props.control.grantKeepTaskTokens(fn);
    if (capabilities.has('wake')) props.control.grantReadTaskTokens(fn);
    if (capabilities.has('events')) props.eventBus.grantPutEventsTo(fn);
    // Waking itself needs the state machine, which needs these functions: the orchestrator grants
    // it.
  }
}

/** Names of things, never their secrets. */
function environmentOf(props: HandlerFunctionsProps): Record<string, string> {
  const { target, control } = props;
  const values: Record<keyof typeof HANDLER_ENVIRONMENT, string> = {
    clusterArn: target.cluster.clusterArn,
    clusterIdentifier: target.cluster.clusterIdentifier,
    secretArn: target.secret.secretArn,
    database: props.databaseName,
    controlTable: control.table.tableName,
    controlKey: control.key.keyArn,
    eventBus: props.eventBus.eventBusName,
    fourEyes: props.fourEyes,
  };
  const named = Object.entries(HANDLER_ENVIRONMENT).map(([key, variable]) => [
    variable,
    values[key as keyof typeof HANDLER_ENVIRONMENT],
  ]);
  return {
    ...Object.fromEntries(named),
    ...(props.hostMetrics && { [HOST_METRICS]: 'on' }),
    NODE_OPTIONS: '--enable-source-maps',
  };
}

function forEachHandler<T>(make: (name: HandlerName) => T): Readonly<Record<HandlerName, T>> {
  return Object.fromEntries(HANDLER_NAMES.map((name) => [name, make(name)])) as Record<
    HandlerName,
    T
  >;
}
