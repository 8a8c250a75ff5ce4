import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DatabaseCluster, DatabaseClusterEngine } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { HandlerCode } from '../../lib/constructs/handler-code.ts';
import {
  MigrationOrchestrator,
  type MigrationOrchestratorProps,
} from '../../lib/constructs/migration-orchestrator.ts';

/** A stack of one region and account, so that ARNs in the template are texts. */
export function newStack(): Stack {
  const env = { region: 'eu-central-1', account: '111122223333' };
  return new Stack(new App({ analyticsReporting: false }), 'Stack', { env });
}

export const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-prod-AbCdEf';

/** The orchestrator with the least that it needs, and what the test adds. */
export function addOrchestrator(
  stack: Stack,
  bundles: string,
  props: Partial<MigrationOrchestratorProps> = {},
): MigrationOrchestrator {
  const secret = Secret.fromSecretCompleteArn(stack, 'Secret', SECRET_ARN);
  return new MigrationOrchestrator(stack, 'Orchestrator', {
    cluster: DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Cluster', {
      clusterIdentifier: 'app-prod',
      engine: DatabaseClusterEngine.AURORA_POSTGRESQL,
      dataApiEnabled: true,
    }),
    secret,
    databaseName: 'app',
    handlerCode: HandlerCode.fromDirectory(bundles),
    ...props,
  });
}

/** One allowing statement of a policy, with lists where IAM also accepts a single value. */
export interface Allowed {
  readonly policy: string;
  readonly actions: readonly string[];
  readonly resources: string;
  readonly condition: unknown;
}

/** Every statement of every policy in the stack. */
export function allowedIn(stack: Stack): readonly Allowed[] {
  const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');
  return Object.entries(policies).flatMap(([policy, { Properties }]) =>
    Properties.PolicyDocument.Statement.map((statement: Record<string, unknown>) => ({
      policy,
      actions: [statement['Action']].flat(),
      resources: JSON.stringify(statement['Resource']),
      condition: statement['Condition'],
    })),
  );
}
