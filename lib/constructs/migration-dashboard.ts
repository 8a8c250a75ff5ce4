import {
  Dashboard,
  GraphWidget,
  type IMetric,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { TrailKind } from '../core/executions/event.ts';
import type { MigrationMetrics } from './migration-metrics.ts';

/** Of the 24 columns that a dashboard has. */
const HALF = 12;
const WHOLE = 24;

const ENDINGS: readonly TrailKind[] = [
  'ExecutionSucceeded',
  'ExecutionRolledBack',
  'ExecutionRejected',
  'RollbackFailed',
  'ForwardFixRequired',
];
const PHASES: readonly TrailKind[] = ['PlanReady', 'PhaseStarted', 'PhaseFinished', 'StepFinished'];
const GATES: readonly TrailKind[] = ['GateOpened', 'GateDecided', 'GateExpired', 'SignalReceived'];
const FAILURES: readonly TrailKind[] = ['StepFailed', 'AbortRequested', 'Paused'];

export interface MigrationDashboardProps {
  /** For the heading: `<cluster identifier>/<database>`. */
  readonly target: string;
  readonly metrics: MigrationMetrics;
  readonly stateMachine: StateMachine;
}

/** What migrations of one target do and did, on one page. */
export class MigrationDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MigrationDashboardProps) {
    super(scope, id);
    const { metrics, stateMachine } = props;
    const counts = (kinds: readonly TrailKind[]): IMetric[] => kinds.map((k) => metrics.count(k));
    this.dashboard = new Dashboard(this, 'Dashboard', {
      widgets: [
        [
          new TextWidget({
            markdown: `# Migrations of ${props.target}\n\`lockkeeper status\` has the details; \`docs/runbook.md\` says what to do.`,
            width: WHOLE,
            height: 2,
          }),
        ],
        [
          new SingleValueWidget({
            title: 'How executions ended',
            metrics: counts(ENDINGS),
            setPeriodToTimeRange: true,
            width: WHOLE,
          }),
        ],
        [graph('Phases', counts(PHASES)), graph('Gates', counts(GATES))],
        [
          graph('Failures', [
            ...counts(FAILURES),
            // Also the runs that died before they could say how.
            stateMachine.metricFailed({ label: 'Runs that failed' }),
            stateMachine.metricAborted({ label: 'Runs that were stopped' }),
          ]),
          new GraphWidget({
            title: 'Backfill',
            left: [metrics.backfillRate()],
            right: [metrics.backfillHeld()],
            leftYAxis: { label: 'rows a second', showUnits: false, min: 0 },
            rightYAxis: { label: '1 while held', showUnits: false, min: 0, max: 1 },
            width: HALF,
          }),
        ],
      ],
    });
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: HALF });
}
