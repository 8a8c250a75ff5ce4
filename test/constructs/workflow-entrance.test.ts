import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { MigrationOrchestratorProps } from '../../lib/constructs/migration-orchestrator.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { addOrchestrator, allowedIn, newStack } from './orchestrator-fixture.ts';

const VERSION = 'AWS::StepFunctions::StateMachineVersion';
const ALIAS = 'AWS::StepFunctions::StateMachineAlias';

let bundles: IdleBundles;
beforeEach(() => {
  bundles = makeIdleBundles();
});
afterEach(() => bundles.remove());

function templateWith(props: Partial<MigrationOrchestratorProps> = {}): Template {
  const stack = newStack();
  addOrchestrator(stack, bundles.directory, props);
  return Template.fromStack(stack);
}

/** What may start executions after the grant. */
function startsAfterGrant(props: Partial<MigrationOrchestratorProps> = {}) {
  const stack = newStack();
  const orchestrator = addOrchestrator(stack, bundles.directory, props);
  const person = new Role(stack, 'Person', { assumedBy: new AccountRootPrincipal() });
  orchestrator.grants.start(person);
  return allowedIn(stack).filter(
    ({ policy, actions }) =>
      policy.startsWith('Person') && actions.includes('states:StartExecution'),
  );
}

describe('the entrance of the workflow', () => {
  it('is an alias that sends every start to the version of this deployment', () => {
    const template = templateWith();

    const [version = ''] = Object.keys(template.findResources(VERSION));
    template.hasResource(ALIAS, {
      DeletionPolicy: 'Retain', // as the state machine that it leads to
      Properties: {
        Name: 'live',
        RoutingConfiguration: [
          { StateMachineVersionArn: { 'Fn::GetAtt': [version, 'Arn'] }, Weight: 100 },
        ],
      },
    });
  });

  it('moves on when everything that an execution needs is in place', () => {
    const template = templateWith();

    const [alias] = Object.values(template.findResources(ALIAS));
    const needed = ['AWS::IAM::Policy', 'AWS::Lambda::Version', 'AWS::Events::Rule']
      .flatMap((type) => Object.keys(template.findResources(type)))
      .filter((name) => /Handlers|StateMachine|InterruptedRuns/.test(name))
      .filter((name) => !name.includes('Restore')); // a state machine of its own
    expect(needed.length).toBeGreaterThan(20);
    expect(alias?.['DependsOn']).toEqual(expect.arrayContaining(needed));
  });

  it('publishes the revision that this deployment made, and keeps versions of earlier ones', () => {
    for (const removalPolicy of [RemovalPolicy.RETAIN, RemovalPolicy.DESTROY]) {
      templateWith({ removalPolicy }).hasResource(VERSION, {
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          StateMachineArn: { Ref: Match.stringLikeRegexp('StateMachine') },
          StateMachineRevisionId: {
            'Fn::GetAtt': [Match.stringLikeRegexp('StateMachine'), 'StateMachineRevisionId'],
          },
        },
      });
    }
  });

  it('publishes again when the code of a function changed, and only then', () => {
    // GIVEN the version of one deployment
    const published = () => Object.keys(templateWith().findResources(VERSION));
    const before = published();

    // WHEN nothing changed, and then one handler did
    const same = published();
    appendFileSync(join(bundles.directory, 'expand', 'index.mjs'), '\n// another statement\n');
    const after = published();

    // THEN CloudFormation sees the same resource first, and another one then
    expect(before).toHaveLength(1);
    expect(same).toEqual(before);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  it('lets those who start executions in, and nobody past the alias', () => {
    expect(startsAfterGrant()).toEqual([
      expect.objectContaining({
        resources: expect.stringMatching(/^\{"Ref":"\w*StateMachine\w*"\}$/),
        condition: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } },
      }),
    ]);
  });

  it('is the state machine itself on an emulator without aliases', () => {
    const stack = newStack();
    const orchestrator = addOrchestrator(stack, bundles.directory, { stateMachineAlias: false });
    const template = Template.fromStack(stack);

    template.resourceCountIs(VERSION, 0);
    template.resourceCountIs(ALIAS, 0);
    expect(orchestrator.startArn).toBe(orchestrator.stateMachine.stateMachineArn);
    expect(startsAfterGrant({ stateMachineAlias: false })).toEqual([
      expect.objectContaining({ condition: undefined }),
    ]);
  });
});
