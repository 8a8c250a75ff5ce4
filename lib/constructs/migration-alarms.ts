import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { anchorOf, EVENT_ALARMS, OTHER_ALARM_TITLES } from './alarm-catalog.ts';
import type { ClusterSweep } from './cluster-sweep.ts';
import type { InterruptedRunRule } from './interrupted-run-rule.ts';
import { failedInvocations, type MigrationMetrics } from './migration-metrics.ts';

/** Where the runbook is, unless somebody keeps a copy of their own. */
const RUNBOOK = 'docs/runbook.md';

/** Held without a break for 6 x 5 min: longer than a vacuum of a large table or a rush usually lasts. */
const THROTTLED_PERIODS = 6;

export interface MigrationAlarmsProps {
  /** Told when an alarm begins, and when it is over. */
  readonly topic: ITopic;
  readonly metrics: MigrationMetrics;
  readonly interruptedRuns: InterruptedRunRule;
  readonly stateMachine: IStateMachine;
  readonly restoreStateMachine: IStateMachine;
  readonly sweep: ClusterSweep;
  /**
   * Address of the runbook; each alarm's description links its entry there.
   * @default 'docs/runbook.md'
   */
  readonly runbook?: string;
}

/** What a person has to know of at once. Silence is no alarm: most of the time nothing migrates. */
export class MigrationAlarms extends Construct {
  readonly #action: IAlarmAction;
  readonly #runbook: string;

  constructor(scope: Construct, id: string, props: MigrationAlarmsProps) {
    super(scope, id);
    const { metrics, interruptedRuns, stateMachine, restoreStateMachine, sweep } = props;
    this.#action = new SnsAction(props.topic);
    this.#runbook = props.runbook ?? RUNBOOK;
    for (const [name, { title, event, meaning }] of Object.entries(EVENT_ALARMS)) {
      this.#add(name, { title, meaning, metric: metrics.count(event) });
    }
    this.#add('Throttled', {
      title: OTHER_ALARM_TITLES.throttled,
      meaning: 'the load of the target has held a backfill back for 30 minutes',
      metric: metrics.backfillHeld(),
      periods: THROTTLED_PERIODS,
    });
    this.#add('RuleFailing', {
      title: OTHER_ALARM_TITLES.ruleFailing,
      meaning: 'EventBridge could not start the way back of an interrupted run',
      metric: failedInvocations(interruptedRuns.rule),
    });
    this.#add('ExecutionsFailed', {
      title: OTHER_ALARM_TITLES.executionsFailed,
      meaning:
        'Step Functions ended an execution as failed; without another alarm, nobody recorded why',
      metric: stateMachine.metricFailed({ period: Duration.minutes(5) }),
    });
    this.#add('RestoreFailed', {
      title: OTHER_ALARM_TITLES.restoreFailed,
      meaning: 'a restore was refused or stopped half way, and somebody waits for it',
      metric: restoreStateMachine.metricFailed({ period: Duration.minutes(5) }),
    });
    this.#add('SweepFailing', {
      title: OTHER_ALARM_TITLES.sweepFailing,
      meaning: 'restored clusters that outlived their time are still there, and cost money',
      metric: sweep.handler.metricErrors({ period: Duration.minutes(5) }),
    });
    this.#addQueue('UndeliveredSweeps', sweep.undelivered, {
      title: OTHER_ALARM_TITLES.undeliveredSweeps,
      meaning: 'the function that removes expired clusters could not be invoked',
    });
    this.#addQueue('UndeliveredRuns', interruptedRuns.undelivered, {
      title: OTHER_ALARM_TITLES.undeliveredRuns,
      meaning: 'an interrupted run was not rolled back, because nobody could be told of it',
    });
  }

  /** Also watches the signals that got lost. */
  watchSignals(undelivered: IQueue): void {
    this.#addQueue('UndeliveredSignals', undelivered, {
      title: OTHER_ALARM_TITLES.undeliveredSignals,
      meaning: 'a deployment happened and no execution was told; its gate may wait for nothing',
    });
  }

  #addQueue(name: string, queue: IQueue, about: Pick<AlarmParts, 'title' | 'meaning'>): void {
    const metric = queue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(5),
      statistic: 'Maximum',
    });
    this.#add(name, { ...about, metric });
  }

  #add(id: string, { title, meaning, metric, periods = 1 }: AlarmParts): void {
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription: `${title}: ${meaning}. Runbook: ${this.#runbook}#${anchorOf(title)}`,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
  }
}

interface AlarmParts {
  readonly title: string;
  readonly meaning: string;
  readonly metric: IMetric;
  /** Of five minutes, each of them at 1 or more. @default 1 */
  readonly periods?: number;
}
