import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { iamDocument } from '../../lib/constructs/iam-document.ts';
import {
  managedPolicies,
  type PolicyTemplate,
  policyRows,
} from '../../lib/constructs/policy-table.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { stackWithEverything } from './stack-with-everything.ts';

let bundles: IdleBundles;
let template: PolicyTemplate;
beforeAll(() => {
  bundles = makeIdleBundles();
  const stack = stackWithEverything(bundles.directory);
  template = Template.fromStack(stack).toJSON() as PolicyTemplate;
});
afterAll(() => bundles.remove());

describe('docs/iam.md', () => {
  it('has every action and resource of the template, and no other; if not, run scripts/generate-iam-doc.ts', () => {
    const written = readFileSync(new URL('../../docs/iam.md', import.meta.url), 'utf8');
    expect(written).toBe(iamDocument(template));
  });

  it('would differ by one action more', () => {
    const Resources = {
      ...template.Resources,
      OneMore: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'OrchestratorHandlersfinishrole01234567' }],
          PolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 'rds:DeleteDBCluster', Resource: '*' }],
          },
        },
      },
    };
    const more = { Resources };
    expect(iamDocument(more)).not.toBe(iamDocument(template));
    expect(iamDocument(more)).toContain('| `rds:DeleteDBCluster` | `*` |');
  });
});

describe('the permissions of the stack', () => {
  it('are all in policies of its own', () => {
    expect(managedPolicies(template)).toEqual([]);
  });

  it('name no service as a whole', () => {
    const actions = policyRows(template).flatMap((row) => row.actions);
    expect(actions.filter((action) => /^(?:\*|[\w-]+:\*)$/.test(action))).toEqual([]);
  });
});
