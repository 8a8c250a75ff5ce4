import type { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DeploymentSignal } from '../../lib/constructs/deployment-signal.ts';
import { GRANTS } from '../../lib/constructs/iam-document.ts';
import { addOrchestrator, newStack } from './orchestrator-fixture.ts';

/** An orchestrator with every option that brings a permission, and one role for each grant. */
export function stackWithEverything(bundles: string): Stack {
  const stack = newStack();
  const orchestrator = addOrchestrator(stack, bundles, {
    hostMetrics: true,
    alarmTopic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:111122223333:oncall'),
    storageEncryptionKey: Key.fromKeyArn(
      stack,
      'StorageKey',
      'arn:aws:kms:eu-central-1:111122223333:key/cluster-storage',
    ),
  });
  orchestrator.signalFrom(DeploymentSignal.customEvent());
  for (const name of GRANTS) {
    orchestrator.grants[name](new Role(stack, name, { assumedBy: new AccountRootPrincipal() }));
  }
  return stack;
}
