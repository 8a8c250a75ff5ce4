import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsSolutionsChecks } from 'cdk-nag';
import { HANDLER_CAPABILITIES, HANDLER_NAMES } from '../../lib/core/workflow/handlers.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import {
  type Allowed,
  addOrchestrator,
  allowedIn,
  newStack,
  SECRET_ARN,
} from './orchestrator-fixture.ts';

let bundles: IdleBundles;
let allowed: readonly Allowed[];
beforeAll(() => {
  bundles = makeIdleBundles();
  const stack = newStack();
  addOrchestrator(stack, bundles.directory);
  allowed = allowedIn(stack);
});
afterAll(() => bundles.remove());

/** The handlers, and whatever else, whose role allows the action. */
function whoMay(action: string): readonly string[] {
  const policies = allowed.filter(({ actions }) => actions.includes(action));
  return [...new Set(policies.map(({ policy }) => ownerOf(policy)))];
}

function ownerOf(policy: string): string {
  return (
    HANDLER_NAMES.find((name) => policy.includes(`Handlers${name.replaceAll('-', '')}role`)) ??
    policy
  );
}

function handlersWith(capability: string): readonly string[] {
  return HANDLER_NAMES.filter((name) =>
    (HANDLER_CAPABILITIES[name] as readonly string[]).includes(capability),
  );
}

describe('the roles of the handlers', () => {
  it.each([
    ['rds-data:ExecuteStatement', 'sql'],
    ['secretsmanager:GetSecretValue', 'sql'],
    ['rds:CreateDBClusterSnapshot', 'snapshot'],
    ['rds:RestoreDBClusterFromSnapshot', 'restore'],
    ['rds:CreateDBInstance', 'restore'],
    ['rds:ModifyDBCluster', 'take-over'],
    ['rds:ModifyDBInstance', 'take-over'],
    ['rds:DisableHttpEndpoint', 'take-over'],
    ['states:SendTaskSuccess', 'wake'],
    ['events:PutEvents', 'events'],
    ['dynamodb:UpdateItem', 'control'],
  ])('allow %s to the handlers with the capability %s alone', (action, capability) => {
    expect(whoMay(action)).toEqual(handlersWith(capability));
  });

  it('let one handler take snapshots, and one wake executions', () => {
    expect(whoMay('rds:CreateDBClusterSnapshot')).toEqual(['snapshot']);
    expect(whoMay('states:SendTaskSuccess')).toEqual(['decide-gate', 'receive-signal']);
  });

  it('read metrics only where that is turned on, to look at the target and to move or compare rows', () => {
    const stack = newStack();
    addOrchestrator(stack, bundles.directory, { hostMetrics: true });
    const reading = allowedIn(stack).filter(({ actions }) =>
      actions.includes('cloudwatch:GetMetricData'),
    );

    expect(whoMay('cloudwatch:GetMetricData')).toEqual([]);
    expect(reading.map(({ policy }) => ownerOf(policy))).toEqual(handlersWith('measure'));
    expect(handlersWith('measure')).toEqual([
      'prepare',
      'expand',
      'open-gate',
      'backfill',
      'validate',
      'contract',
    ]);
  });

  it('allow statements on the one cluster, and the one secret', () => {
    const of = (action: string) =>
      allowed.filter(({ actions }) => actions.includes(action)).map(({ resources }) => resources);

    for (const resources of of('rds-data:ExecuteStatement')) {
      expect(resources).toMatch(
        /:rds:eu-central-1:111122223333:cluster:(app-prod|\*-restored-\*)"\]\]}$/,
      );
    }
    for (const resources of of('secretsmanager:GetSecretValue')) {
      expect(resources).toBe(JSON.stringify(SECRET_ARN));
    }
  });

  it('let one handler rename, and only what is the cluster or was made by a restore', () => {
    const renames = allowed.filter(({ actions }) => actions.includes('rds:ModifyDBCluster'));

    expect(renames.map(({ policy }) => ownerOf(policy))).toEqual(['restore-takeover']);
    const clusters = [...(renames[0]?.resources ?? '').matchAll(/:cluster:([^"]+)"/g)];
    expect(clusters.map(([, name]) => name)).toEqual([
      'app-prod',
      '*-restored-*',
      '*-before-restore-*',
    ]);
    expect(whoMay('rds:DeleteDBCluster')).toEqual(['sweep']);
  });

  it('let the sweep delete what carries its expiry, and nothing that takes over', () => {
    const [deletes, ...others] = allowed.filter(({ actions }) =>
      actions.some((action) => action.startsWith('rds:Delete')),
    );

    expect(others).toEqual([]);
    expect(deletes?.condition).toEqual({
      StringLike: { 'aws:ResourceTag/lockkeeper:expires': '*' },
      Null: {
        'aws:ResourceTag/lockkeeper:taking-over': 'true',
        'aws:ResourceTag/lockkeeper:put-aside-by': 'true',
      },
    });
    expect(deletes?.resources.match(/[\w*-]+-restored-\*/g)).toEqual([
      '*-restored-*',
      '*-restored-*',
    ]);
  });

  it('hide the task tokens from all but who keeps them and who wakes with them', () => {
    const tokens = allowed.filter(({ condition }) =>
      JSON.stringify(condition ?? {}).includes('ForAllValues:StringLike'),
    );
    const items = allowed.filter(({ actions }) => actions.includes('dynamodb:PutItem'));

    expect(tokens.map(({ policy, actions }) => [ownerOf(policy), actions])).toEqual([
      ['open-gate', ['dynamodb:PutItem']],
      ['decide-gate', ['dynamodb:GetItem']],
      ['receive-signal', ['dynamodb:GetItem']],
    ]);
    for (const { condition } of items) {
      expect(JSON.stringify(condition)).toMatch(
        /"ForAllValues:String(Not)?Like":\{"dynamodb:LeadingKeys":\["token#\*"\]\}/,
      );
    }
  });

  it('open the key through DynamoDB, and directly only for task tokens', () => {
    const direct = allowed.filter(
      ({ actions, condition }) =>
        condition === undefined && actions.some((action) => action.startsWith('kms:')),
    );

    expect(direct.map(({ policy, actions }) => [ownerOf(policy), actions])).toEqual([
      ['open-gate', ['kms:Encrypt']],
      ['decide-gate', ['kms:Decrypt']],
      ['receive-signal', ['kms:Decrypt']],
    ]);
  });

  it.each(['dynamodb:Scan', 'dynamodb:DeleteItem', 'dynamodb:DeleteTable', 'states:StopExecution'])(
    'allow %s to nobody',
    (action) => {
      expect(whoMay(action)).toEqual([]);
    },
  );

  it('satisfy the AWS Solutions rules, but for wildcards that have a reason', () => {
    // GIVEN what is accepted, and why
    const accepted = [
      /IAM5\[Action::kms:(ReEncrypt|GenerateDataKey)\*\]/, // two forms each of one key operation
      /IAM5\[Resource::<OrchestratorHandlers\w+\.Arn>:\*\]/, // versions that started executions run on
      /IAM5\[Resource::\*\]/, // log delivery and X-Ray know no resources
      /IAM5\[Resource::.*:cluster-snapshot:lockkeeper-\*\]/, // named after each execution
      /IAM5\[Resource::.*:(cluster|cluster-snapshot|db):\*\]/, // Describe* filters after it authorizes
      /IAM5\[Resource::.*:(cluster|db):\*-restored-\*\]/, // named after each restore
      /IAM5\[Resource::.*:cluster:\*-before-restore-\*\]/, // likewise
      /IAM5\[Resource::.*:(subgrp|cluster-pg|pg|og):\*\]/, // as captured with each snapshot
      /SQS3/, // is itself a dead-letter queue
    ];
    const stack = newStack();
    addOrchestrator(stack, bundles.directory);

    // WHEN
    const { violations } = new AwsSolutionsChecks().validateScope(stack);

    // THEN
    const names = violations.map(({ ruleName }) => ruleName);
    expect(names.filter((name) => !accepted.some((rule) => rule.test(name)))).toEqual([]);
    expect(accepted.filter((rule) => !names.some((name) => rule.test(name)))).toEqual([]);
  });
});
