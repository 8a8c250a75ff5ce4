import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { MigrationOrchestratorProps } from '../../lib/constructs/migration-orchestrator.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { addOrchestrator, allowedIn, newStack } from './orchestrator-fixture.ts';

const VERSION = 'AWS::StepFunctions::StateMachineVersion';
const ALIAS = 'AWS::StepFunctions::StateMachineAlias';

let bundles: IdleBundles;
/** As it is deployed, and with a removal policy that takes away what it can. */
let usual: Template;
let removable: Template;
beforeAll(() => {
  bundles = makeIdleBundles();
  usual = templateWith();
  removable = templateWith({ removalPolicy: RemovalPolicy.DESTROY });
});
afterAll(() => bundles.remove());

function templateWith(props: Partial<MigrationOrchestratorProps> = {}): Template {
  const stack = newStack();
  addOrchestrator(stack, bundles.directory, props);
  return Template.fromStack(stack);
}

/** The two workflows, each with the grant that starts it. */
const WORKFLOWS = [
  { of: 'migrations', grant: 'start', isMine: (name: string) => !name.includes('Restore') },
  { of: 'restores', grant: 'restore', isMine: (name: string) => name.includes('Restore') },
] as const;
type Workflow = (typeof WORKFLOWS)[number];

function resourcesOf(template: Template, type: string, { isMine }: Workflow) {
  return Object.entries(template.findResources(type)).filter(([name]) => isMine(name));
}

/** What may start executions after the grant. */
function startsAfterGrant({ grant }: Workflow, props: Partial<MigrationOrchestratorProps> = {}) {
  const stack = newStack();
  const orchestrator = addOrchestrator(stack, bundles.directory, props);
  const person = new Role(stack, 'Person', { assumedBy: new AccountRootPrincipal() });
  orchestrator.grants[grant](person);
  return allowedIn(stack).filter(
    ({ policy, actions }) =>
      policy.startsWith('Person') && actions.includes('states:StartExecution'),
  );
}

describe.each(WORKFLOWS)('the entrance of the workflow of $of', (workflow) => {
  it('is an alias that sends every start to the version of this deployment', () => {
    const [[version = ''] = []] = resourcesOf(usual, VERSION, workflow);
    const [[, alias] = []] = resourcesOf(usual, ALIAS, workflow);
    expect(alias).toMatchObject({
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
    const [[, alias] = []] = resourcesOf(usual, ALIAS, workflow);
    const other = WORKFLOWS.find((each) => each !== workflow);
    const needed = ['AWS::IAM::Policy', 'AWS::Lambda::Version', 'AWS::Events::Rule']
      .flatMap((type) => Object.keys(usual.findResources(type)))
      .filter((name) => /Handlers|StateMachine|InterruptedRuns/.test(name))
      // What only the other state machine needs; interrupted runs are those of migrations.
      .filter((name) => name.includes('Handlers') || !other?.isMine(name));
    expect(needed.length).toBeGreaterThan(20);
    expect(alias?.['DependsOn']).toEqual(expect.arrayContaining(needed));
  });

  it('publishes the revision that this deployment made, and keeps versions of earlier ones', () => {
    for (const template of [usual, removable]) {
      const [[, version] = []] = resourcesOf(template, VERSION, workflow);
      expect(version).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          StateMachineArn: { Ref: expect.stringContaining('StateMachine') },
          StateMachineRevisionId: {
            'Fn::GetAtt': [expect.stringContaining('StateMachine'), 'StateMachineRevisionId'],
          },
        },
      });
      const { StateMachineArn } = version?.['Properties'] ?? {};
      expect(workflow.isMine(StateMachineArn.Ref)).toBe(true);
    }
  });

  it('lets those who start executions in, and nobody past the alias', () => {
    expect(startsAfterGrant(workflow)).toEqual([
      expect.objectContaining({
        resources: expect.stringMatching(/^\{"Ref":"\w*StateMachine\w*"\}$/),
        condition: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } },
      }),
    ]);
  });

  it('has no condition on an emulator without aliases', () => {
    expect(startsAfterGrant(workflow, { stateMachineAlias: false })).toEqual([
      expect.objectContaining({ condition: undefined }),
    ]);
  });
});

describe('the entrances of both workflows', () => {
  it('are the state machines themselves on an emulator without aliases', () => {
    const stack = newStack();
    const orchestrator = addOrchestrator(stack, bundles.directory, { stateMachineAlias: false });
    const template = Template.fromStack(stack);

    template.resourceCountIs(VERSION, 0);
    template.resourceCountIs(ALIAS, 0);
    expect(orchestrator.startArn).toBe(orchestrator.stateMachine.stateMachineArn);
    expect(orchestrator.restoreStartArn).toBe(orchestrator.restoreStateMachine.stateMachineArn);
  });

  it('publish again when the code of a function of theirs changed, and only then', () => {
    // GIVEN the versions of one deployment
    const published = (template: Template) =>
      WORKFLOWS.map((each) =>
        resourcesOf(template, VERSION, each)
          .map(([name]) => name)
          .join(),
      );
    const before = published(usual);

    // WHEN nothing changed, then a handler of migrations did, then one of restores
    const changed = (handler: string) => {
      appendFileSync(join(bundles.directory, handler, 'index.mjs'), '\n// another statement\n');
      return published(templateWith());
    };
    const same = published(templateWith());
    const migrations = changed('expand');
    const restores = changed('restore-verify');

    // THEN CloudFormation sees the same resource, or another one
    expect(before).toEqual([expect.stringMatching(/^\w+$/), expect.stringMatching(/^\w+$/)]);
    expect(same).toEqual(before);
    expect(migrations).toEqual([expect.not.stringMatching(before[0] ?? ''), before[1]]);
    expect(restores).toEqual([migrations[0], expect.not.stringMatching(before[1] ?? '')]);
  });
});
