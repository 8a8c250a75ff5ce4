import color from 'picocolors';
import { describeTuning } from '../../core/backfill/tuning.ts';
import type {
  Execution,
  ExecutionFlags,
  ExecutionStatus,
} from '../../core/executions/execution.ts';
import type { Gate, Signal } from '../../core/gates/gate.ts';
import type { SnapshotRecord, StepProgress } from '../../ports/control-store.ts';
import { missingSignals } from '../missing-signals.ts';
import { batchesView } from './batches-view.ts';
import { count, duration, moment } from './durations.ts';
import { loadView } from './load-view.ts';
import { principal } from './principal.ts';
import { timeLeft } from './time-left.ts';

/** Everything `status` and `watch` show of one execution, as plain data (their JSON). */
export interface StatusFacts {
  readonly execution: Execution;
  readonly flags: ExecutionFlags;
  readonly gates: readonly Gate[];
  /** Every signal that arrived, also those that no gate waits for yet. */
  readonly signals: readonly Signal[];
  readonly progress: readonly StepProgress[];
  readonly snapshots: readonly SnapshotRecord[];
  /** What the workflow engine says; undefined when it knows nothing of the last run. */
  readonly workflow: string | undefined;
  /** How the last workflow of an execution that has not ended failed: error and cause. */
  readonly failure?: string | undefined;
  /** What a person can do next, as commands. */
  readonly next: readonly string[];
}

export function statusView(facts: StatusFacts, now: number): string {
  const { execution } = facts;
  const age = duration((execution.finishedAt ?? now) - execution.startedAt);
  const lines = [
    `${color.bold(execution.executionId)}  ${statusWord(execution.status)}  ${color.dim(execution.title)}`,
    color.dim(
      `${execution.environment} · started ${moment(execution.startedAt)} by ${principal(execution.startedBy)} · ${age}`,
    ),
  ];
  if (facts.flags.paused) lines.push(color.yellow('paused by an operator'));
  const { tuning = {}, quarantineAccepted } = facts.flags;
  if (Object.keys(tuning).length > 0) lines.push(color.yellow(`tuned: ${describeTuning(tuning)}`));
  if (quarantineAccepted !== undefined) {
    const { by, reason } = quarantineAccepted;
    lines.push(color.yellow(`quarantine accepted by ${principal(by)}: ${reason}`));
  }
  if (execution.reason !== undefined)
    lines.push(`${color.dim('reason')}    ${principal(execution.reason)}`);
  if (isUnderWay(execution.status)) lines.push(`${color.dim('doing')}     ${execution.activity}`);
  if (isUnderWay(execution.status) && facts.workflow !== 'RUNNING') {
    const how = facts.workflow === undefined ? 'never started' : `ended as ${facts.workflow}`;
    const why = facts.failure === undefined ? '' : `, ${facts.failure}`;
    lines.push(color.yellow(`nobody works on it: its workflow ${how}${why}`));
  }
  for (const snapshot of facts.snapshots) {
    const state = snapshot.availableAt === undefined ? 'being made' : moment(snapshot.availableAt);
    lines.push(`${color.dim('snapshot')}  ${snapshot.snapshotIdentifier} (${state})`);
  }
  for (const gate of facts.gates) {
    lines.push(`${color.dim('gate')}      ${gateLine(gate, facts.signals, now)}`);
    const compared = gate.decision === undefined ? comparisonLine(gate, now) : undefined;
    if (compared !== undefined) lines.push(`          ${compared}`);
  }
  for (const step of facts.progress) lines.push(stepLine(step), ...batchLines(step));
  if (facts.next.length > 0) {
    lines.push('', color.dim('next'), ...facts.next.map((command) => `  ${color.cyan(command)}`));
  }
  return lines.join('\n');
}

export function statusWord(status: ExecutionStatus): string {
  switch (status) {
    case 'succeeded':
      return color.green(status);
    case 'rolled-back':
    case 'rolling-back':
    case 'rejected':
      return color.yellow(status);
    case 'rollback-failed':
    case 'forward-fix-required':
    case 'restored':
    case 'restore-failed':
      return color.red(status);
    case 'starting':
    case 'running':
      return color.cyan(status);
  }
}

function isUnderWay(status: ExecutionStatus): boolean {
  return status === 'starting' || status === 'running' || status === 'rolling-back';
}

/** `deploy: waits for a signal of app, 6 d 23 h left`. */
export function gateLine(gate: Gate, signals: readonly Signal[], now: number): string {
  const decision = gate.decision;
  if (decision !== undefined) {
    const by = 'by' in decision ? ` by ${principal(decision.by)}` : '';
    return `${gate.name}: ${decision.kind}${by}, ${moment(decision.at)}`;
  }
  const left = gate.expiresAt - now;
  const until = left > 0 ? `${duration(left)} left` : color.yellow(`overdue by ${duration(-left)}`);
  switch (gate.declared.kind) {
    case 'signal':
      return `${gate.name}: waits for a signal of ${missingSignals(gate.declared.signals, signals).join(', ')}, ${until}`;
    case 'approval':
      return `${gate.name}: ${gate.approvals.length} of ${gate.declared.approvals} approvals, ${until}`;
    case 'timer':
      return `${gate.name}: opens by itself, ${until}`;
  }
}

/** `old and new were equal 12 min ago (2,000,000 rows)`, or how they differ. */
export function comparisonLine({ comparison }: Gate, now: number): string | undefined {
  if (comparison === undefined) return undefined;
  const { at, found, lastEqualAt } = comparison;
  const ago = (when: number) => `${duration(now - when)} ago`;
  const last = lastEqualAt === undefined ? 'never seen equal' : `last equal ${ago(lastEqualAt)}`;
  switch (found.kind) {
    case 'equal':
      return color.dim(`old and new were equal ${ago(at)} (${count(found.rows)} rows)`);
    case 'different':
      return color.red(`${found.reason} (compared ${ago(at)}, ${last})`);
    case 'not-compared':
      return color.yellow(`old and new were not compared ${ago(at)}, ${last}: ${found.reason}`);
  }
}

/** How the batches of a running backfill change, what was compared, and the load of the target. */
function batchLines({ state, batches = [], parity, load = [] }: StepProgress): readonly string[] {
  const goesOn = state === 'running' || state === 'held';
  const shown = goesOn ? batchesView(batches) : undefined;
  const said = goesOn ? (loadView(load)?.split('\n') ?? []) : [];
  const compared =
    parity === undefined
      ? []
      : [
          `compared ${count(parity.compared)} rows with the old structure, ${count(parity.different)} differ`,
        ];
  return [
    ...[...(shown === undefined ? [] : [shown]), ...compared].map((line) => color.dim(line)),
    ...said,
  ].map((line) => `      ${line}`);
}

const MARKS: Readonly<Record<StepProgress['state'], string>> = {
  running: color.cyan('>'),
  held: color.yellow('~'),
  done: color.green('+'),
  undone: color.yellow('<'),
  failed: color.red('x'),
};

function stepLine(step: StepProgress): string {
  const figures: string[] = [];
  if (step.rowsDone !== undefined) {
    const total = step.rowsTotal === undefined ? '' : ` of about ${count(step.rowsTotal)}`;
    figures.push(`${count(step.rowsDone)}${total} rows`);
  }
  if (step.rowsPerSecond !== undefined) figures.push(`${count(Math.round(step.rowsPerSecond))}/s`);
  const left = timeLeft(step);
  if (left !== undefined && step.state === 'running') figures.push(left);
  if (step.kind !== 'backfill' && step.state === 'done') {
    figures.push(duration(step.updatedAt - step.startedAt));
  }
  if (step.note !== undefined && step.state !== 'done') figures.push(step.note);
  return `  ${MARKS[step.state]} ${step.stepId.padEnd(32)} ${color.dim(figures.join(' · '))}`;
}
