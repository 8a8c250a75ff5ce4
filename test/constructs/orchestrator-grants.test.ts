import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountRootPrincipal, type IGrantable, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { OrchestratorGrants } from '../../lib/constructs/orchestrator-grants.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { type Allowed, addOrchestrator, allowedIn, newStack } from './orchestrator-fixture.ts';

let bundles: IdleBundles;
beforeAll(() => {
  bundles = makeIdleBundles();
});
afterAll(() => bundles.remove());

/** What a person's role may do after the grant. */
function allowedAfter(
  grant: (grants: OrchestratorGrants, person: IGrantable) => unknown,
  storageKeyArn?: string,
): readonly Allowed[] {
  const stack = newStack();
  const orchestrator = addOrchestrator(stack, bundles.directory, {
    ...(storageKeyArn && {
      storageEncryptionKey: Key.fromKeyArn(stack, 'StorageKey', storageKeyArn),
    }),
  });
  const person = new Role(stack, 'Person', { assumedBy: new AccountRootPrincipal() });
  grant(orchestrator.grants, person);
  return allowedIn(stack).filter(({ policy }) => policy.startsWith('Person'));
}

const actionsOf = (allowed: readonly Allowed[]) =>
  [...new Set(allowed.flatMap(({ actions }) => actions))].sort();

describe('the grants of the orchestrator', () => {
  it('start: executions, and the records that starting writes', () => {
    const allowed = allowedAfter((grants, person) => grants.start(person));
    const writes = allowed.find(({ actions }) => actions.includes('dynamodb:PutItem'));

    expect(actionsOf(allowed)).toEqual(
      expect.arrayContaining([
        'states:StartExecution',
        'states:DescribeExecution',
        'states:GetExecutionHistory',
        'events:PutEvents',
      ]),
    );
    expect(writes?.condition).toEqual({
      'ForAllValues:StringLike': {
        'dynamodb:LeadingKeys': ['execution#*', 'source#*', 'flags#*', 'audit#*'],
      },
    });
  });

  it('start: no gate can be decided with it', () => {
    const actions = actionsOf(allowedAfter((grants, person) => grants.start(person)));

    expect(actions.filter((action) => /^lambda:|SendTask|StopExecution/.test(action))).toEqual([]);
  });

  it('approve: one function, which records who decided', () => {
    const allowed = allowedAfter((grants, person) => grants.approve(person));

    expect(actionsOf(allowed)).toEqual(['lambda:InvokeFunction']);
    expect(allowed.every(({ resources }) => resources.includes('decidegate'))).toBe(true);
    // Earlier versions are kept for executions that run on them, and may check less.
    expect(allowed.filter(({ resources }) => resources.includes(':*'))).toEqual([]);
  });

  it('read: looks, and changes nothing', () => {
    const allowed = allowedAfter((grants, person) => grants.read(person));
    const items = allowed.find(({ actions }) => actions.includes('dynamodb:GetItem'));

    expect(actionsOf(allowed).filter((action) => !action.startsWith('kms:'))).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'states:DescribeExecution',
      'states:GetExecutionHistory',
    ]);
    expect(items?.condition).toEqual({
      'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': ['token#*'] },
    });
  });

  it('restore: makes and changes restored clusters only', () => {
    const allowed = allowedAfter((grants, person) => grants.restore(person));
    const changes = allowed.filter(({ actions }) =>
      actions.some((action) => /^rds:(Create|Modify|Enable|Restore|Add)/.test(action)),
    );

    expect(actionsOf(changes)).toEqual([
      'rds:AddTagsToResource',
      'rds:CreateDBInstance',
      'rds:EnableHttpEndpoint',
      'rds:ModifyDBCluster',
      'rds:RestoreDBClusterFromSnapshot',
      'rds:RestoreDBClusterToPointInTime',
    ]);
    for (const { actions, resources } of changes) {
      expect(resources).toContain(':cluster:*-restored-*');
      expect(resources).not.toContain(':cluster:*"');
      // It is the source of a restore to a time, which does not change it.
      const isSource = actions.includes('rds:RestoreDBClusterToPointInTime');
      expect([actions, resources.includes(':cluster:app-prod')]).toEqual([actions, isSource]);
    }
  });

  it('restore: also through the key of the storage, where it is one of yours', () => {
    const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/storage';

    const allowed = allowedAfter((grants, person) => grants.restore(person), keyArn);

    expect(allowed).toContainEqual(
      expect.objectContaining({
        actions: ['kms:DescribeKey', 'kms:CreateGrant'],
        resources: JSON.stringify(keyArn),
      }),
    );
  });
});
