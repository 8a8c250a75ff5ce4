import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ALARM_TITLES, anchorOf } from '../../lib/constructs/alarm-catalog.ts';
import { DeploymentSignal } from '../../lib/constructs/deployment-signal.ts';
import type { MigrationOrchestratorProps } from '../../lib/constructs/migration-orchestrator.ts';
import { METRIC_NAMES } from '../../lib/core/executions/metrics.ts';
import { FAILURES } from '../../lib/core/workflow/failures.ts';
import { type IdleBundles, makeIdleBundles } from './idle-bundles.ts';
import { addOrchestrator, newStack } from './orchestrator-fixture.ts';

let bundles: IdleBundles;
beforeAll(() => {
  bundles = makeIdleBundles();
});
afterAll(() => bundles.remove());

const TOPIC_ARN = 'arn:aws:sns:eu-central-1:111122223333:on-call';

function observed(props: Partial<MigrationOrchestratorProps> = {}) {
  const stack = newStack();
  const alarmTopic = Topic.fromTopicArn(stack, 'OnCall', TOPIC_ARN);
  const orchestrator = addOrchestrator(stack, bundles.directory, { alarmTopic, ...props });
  orchestrator.signalFrom(DeploymentSignal.customEvent());
  return stack;
}

const alarmsOf = (template: Template) =>
  Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties,
  );

const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');

/** The text under a heading, up to the next one of the same depth or above. */
function sectionOf(title: string): string {
  const [, after = ''] = runbook.split(new RegExp(`^### ${title}$`, 'm'));
  return after.split(/^#{1,3} /m)[0] ?? '';
}

describe('the alarms of an orchestrator', () => {
  it('are there, and the dashboard too, where somebody asks for them', () => {
    const stack = newStack();
    addOrchestrator(stack, bundles.directory);
    const plain = Template.fromStack(stack);

    plain.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    plain.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  it('tell the topic when they begin and when they are over', () => {
    const alarms = alarmsOf(Template.fromStack(observed()));

    expect(alarms).toHaveLength(ALARM_TITLES.length);
    for (const { AlarmActions, OKActions, TreatMissingData } of alarms) {
      expect([AlarmActions, OKActions]).toEqual([[TOPIC_ARN], [TOPIC_ARN]]);
      expect(TreatMissingData).toBe('notBreaching');
    }
  });

  it('ask for metrics of this target that the handlers write', () => {
    const ours = alarmsOf(Template.fromStack(observed())).filter(
      ({ Namespace }) => Namespace === 'Lockkeeper',
    );

    expect(ours.map(({ MetricName }) => MetricName).sort()).toEqual([
      'BackfillHeld',
      'ExecutionRolledBack',
      'ForwardFixRequired',
      'GateExpired',
      'RollbackFailed',
    ]);
    for (const { MetricName, Dimensions } of ours) {
      expect(METRIC_NAMES).toContain(MetricName);
      expect(Dimensions).toEqual([
        { Name: 'Target', Value: 'app-prod/app' },
        { Name: 'service', Value: 'lockkeeper' },
      ]);
    }
  });

  it('watch every queue of undelivered events, the rule of interrupted runs, the workflow and the sweep', () => {
    const template = Template.fromStack(observed());

    template.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible' },
      3,
    );
    for (const [Namespace, MetricName] of [
      ['AWS/States', 'ExecutionsFailed'],
      ['AWS/Lambda', 'Errors'],
    ]) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', { Namespace, MetricName });
    }
    template.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { Namespace: 'AWS/States', MetricName: 'ExecutionsFailed' },
      2, // of migrations and of restores
    );
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: Match.anyValue() }],
    });
  });

  it('each name and link their entry in the runbook', () => {
    const runbook = 'https://wiki.example.com/lockkeeper';
    const descriptions = alarmsOf(Template.fromStack(observed({ runbook }))).map(
      ({ AlarmDescription }) => String(AlarmDescription),
    );

    for (const title of ALARM_TITLES) {
      expect(descriptions).toContainEqual(
        expect.stringMatching(new RegExp(`^${title}: .*${runbook}#${anchorOf(title)}$`)),
      );
    }
  });

  it.each(ALARM_TITLES)('have an entry in docs/runbook.md: %s', (title) => {
    const headings = sectionOf(title).match(/^#### .+$/gm);

    expect(headings).toEqual(['#### Description', '#### Investigation', '#### Resolution']);
  });

  it.each(Object.keys(FAILURES))('have the way out of each failure beside them: %s', (failure) => {
    expect(sectionOf(failure).trim()).not.toBe('');
  });

  it('lead only to headings that are there', () => {
    const headings = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchorOf(title));
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((anchor) => !headings.includes(String(anchor)))).toEqual([]);
  });

  it('add nothing that the AWS Solutions rules object to', () => {
    const rulesFor = (props: Partial<MigrationOrchestratorProps>) => {
      const { violations } = new AwsSolutionsChecks().validateScope(observed(props));
      return new Set(violations.map(({ ruleName }) => ruleName));
    };
    const stack = newStack();
    addOrchestrator(stack, bundles.directory);
    const plain = new AwsSolutionsChecks().validateScope(stack).violations;

    expect(rulesFor({ dashboard: true })).toEqual(new Set(plain.map(({ ruleName }) => ruleName)));
  });
});

describe('the dashboard', () => {
  it('shows phases, gates, failures and backfills of the target', () => {
    const boards = Template.fromStack(observed({ dashboard: true })).findResources(
      'AWS::CloudWatch::Dashboard',
    );
    const [body = ''] = Object.values(boards).map(({ Properties }) =>
      JSON.stringify(Properties.DashboardBody),
    );

    expect(Object.keys(boards)).toHaveLength(1);
    for (const shown of [
      'PhaseFinished',
      'GateOpened',
      'StepFailed',
      'ExecutionsFailed',
      'BackfillRowsPerSecond',
      'app-prod/app',
    ]) {
      expect(body).toContain(shown);
    }
  });
});
