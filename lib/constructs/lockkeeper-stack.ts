import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { DatabaseCluster, DatabaseClusterEngine } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { DeploymentSignal } from './deployment-signal.ts';
import type { HandlerCode } from './handler-code.ts';
import { MigrationOrchestrator } from './migration-orchestrator.ts';
import type { StackSettings } from './stack-settings.ts';

export interface LockkeeperStackProps extends StackProps {
  /** Which database to migrate. */
  readonly settings: StackSettings;
  /** The bundled handlers. */
  readonly handlerCode: HandlerCode;
}

/**
 * Lockkeeper beside a cluster that exists already. Its outputs are what `lockkeeper.yaml` needs to
 * know about the environment.
 */
export class LockkeeperStack extends Stack {
  readonly orchestrator: MigrationOrchestrator;

  constructor(scope: Construct, id: string, props: LockkeeperStackProps) {
    const { settings, handlerCode, ...stackProps } = props;
    super(scope, id, {
      description: 'Lockkeeper: schema migrations, gate by gate',
      ...(settings.stackName !== undefined && { stackName: settings.stackName }),
      ...stackProps,
    });
    const secret = Secret.fromSecretCompleteArn(this, 'Secret', settings.secretArn);
    this.orchestrator = new MigrationOrchestrator(this, 'Orchestrator', {
      cluster: DatabaseCluster.fromDatabaseClusterAttributes(this, 'Cluster', {
        clusterIdentifier: settings.clusterIdentifier,
        engine: DatabaseClusterEngine.AURORA_POSTGRESQL,
        dataApiEnabled: true,
        secret,
      }),
      secret,
      databaseName: settings.databaseName,
      handlerCode,
      handlerEnvironment: settings.handlerEnvironment,
      ...(settings.fourEyes !== undefined && { fourEyes: settings.fourEyes }),
      ...(settings.removalPolicy === 'destroy' && { removalPolicy: RemovalPolicy.DESTROY }),
      ...(settings.alarmTopicArn !== undefined && {
        alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', settings.alarmTopicArn),
      }),
      dashboard: settings.dashboard === 'yes',
      hostMetrics: settings.hostMetrics === 'yes',
      stateMachineAlias: settings.stateMachineAlias !== 'no',
    });
    if (settings.customSignals === 'yes') {
      this.orchestrator.signalFrom(DeploymentSignal.customEvent());
    }
    this.#output('StateMachineArn', this.orchestrator.startArn);
    this.#output('RestoreStateMachineArn', this.orchestrator.restoreStartArn);
    this.#output('ControlTableName', this.orchestrator.controlTable.tableName);
    this.#output('ControlKeyArn', this.orchestrator.encryptionKey.keyArn);
    this.#output('DecideGateFunctionName', this.orchestrator.decideGateFunction.functionName);
  }

  #output(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}
