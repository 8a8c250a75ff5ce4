import color from 'picocolors';
import { LOCK_LADDER, LONGEST_LOCK_WAIT_MS } from '../../core/plan/lock-ladder.ts';
import type { Action, HashedPlan, Step, Undo } from '../../core/plan/plan.ts';
import { blockedBy } from '../../core/sql/lock-conflicts.ts';
import { workPhaseOf } from '../../engine/run-phase.ts';
import { count, duration } from './durations.ts';

/**
 * The plan as an operator reads it: for each step the SQL, the lock it takes and whom that blocks,
 * how long it may wait, and the answer to "could we roll this back safely right now?".
 */
export function planView({ plan, hash }: HashedPlan): string {
  const lines: string[] = [
    `${color.bold(plan.title)}`,
    color.dim(
      `${plan.migrationId} · plan ${hash.slice(0, 12)} · PostgreSQL ${plan.serverVersion} · schema ${plan.fingerprint.slice(0, 12)}`,
    ),
  ];
  let phase = '';
  for (const [index, step] of plan.steps.entries()) {
    const current = workPhaseOf(step);
    if (current !== phase) {
      phase = current;
      lines.push('', color.bold(phase.toUpperCase()), ...gateBefore(plan, phase));
    }
    lines.push(...stepView(step, index + 1));
  }
  lines.push('', ...summary(plan));
  return lines.join('\n');
}

function stepView(step: Step, number: number): readonly string[] {
  const head = `${String(number).padStart(3)}. ${color.cyan(step.stepId)}`;
  switch (step.kind) {
    case 'check':
      return [head, indent(step.query), field('must be', expectation(step.expect))];
    case 'backfill':
      return [
        `${head} ${color.dim(`about ${rows(step.estimatedRows)} of ${step.table.schema}.${step.table.name}`)}`,
        indent(work(step)),
        field('locks', 'the rows of one batch'),
        field(
          'batch',
          `${duration(step.pacing.targetBatchMs)}, ${count(step.pacing.minRows)} to ${count(step.pacing.maxRows)} rows, by ${step.key.map((column) => column.name).join(', ')}`,
        ),
        ...wayBack(step.wayBack, step.undo),
      ];
    case 'statement':
      return [
        head,
        indent(step.action.sql),
        field('locks', locks(step.action)),
        field('waits', waits(step.action)),
        ...wayBack(step.wayBack, step.undo),
      ];
  }
}

function locks(action: Action): string {
  if (action.locks.length === 0) return 'nothing that exists';
  return action.locks
    .map(({ relation, mode }) => {
      const blocked = blockedBy(mode);
      const consequence = blocked === 'nothing' ? '' : ` (blocks ${blocked})`;
      return `${mode} on ${relation}${consequence}`;
    })
    .join(', ');
}

function waits(action: Action): string {
  switch (action.policy.kind) {
    case 'online':
      return 'as long as it takes, without blocking reads or writes; the catalog says when it is done';
    case 'strong':
      return `${duration(action.policy.lockTimeoutMs)} for its lock at first, at most ${duration(LONGEST_LOCK_WAIT_MS)} at a time, ${LOCK_LADDER.length} attempts; runs at most ${duration(action.policy.statementTimeoutMs)}`;
    case 'none':
      return `for no table lock; runs at most ${duration(action.policy.statementTimeoutMs)}`;
  }
}

function wayBack(
  back: { readonly kind: string; readonly loses: string },
  undo: Undo,
): readonly string[] {
  const colored = back.kind === 'operational' ? color.red : color.green;
  const undone =
    undo.kind === 'statement'
      ? undo.action.sql
      : undo.kind === 'nothing'
        ? undo.why
        : `none: ${undo.why}`;
  return [
    field('undo', oneLine(undone)),
    field('way back', `${colored(back.kind)}; loses ${back.loses}`),
  ];
}

function gateBefore(plan: HashedPlan['plan'], phase: string): readonly string[] {
  const gate =
    phase === 'expand'
      ? plan.gates.review
      : phase === 'backfill' || phase === 'validate'
        ? phase === 'backfill'
          ? plan.gates.deploy
          : undefined
        : phase === 'contract'
          ? plan.gates.contract
          : phase === 'finalize'
            ? plan.gates.soak
            : undefined;
  if (gate === undefined || gate.kind === 'none') return [];
  switch (gate.kind) {
    case 'signal':
      return [color.yellow(`     after the deployment of ${gate.signals.join(', ')} is signalled`)];
    case 'approval':
      return [
        color.yellow(
          `     after ${gate.approvals === 1 ? 'an approval' : `${gate.approvals} approvals`}`,
        ),
      ];
    case 'timer':
      return [color.yellow(`     after ${duration(gate.durationMs)}`)];
  }
}

function summary(plan: HashedPlan['plan']): readonly string[] {
  const firstFinal = plan.steps.findIndex((step) => step.phase === 'finalize');
  const snapshots = [
    plan.snapshots.beforeExpand === 'required' ? 'before expand' : undefined,
    plan.snapshots.beforeContract === 'required' ? 'before contract' : undefined,
  ].filter((text) => text !== undefined);
  return [
    `snapshots: ${snapshots.length === 0 ? color.red('none') : snapshots.join(', ')}`,
    firstFinal < 0
      ? 'every step of this plan can be undone without losing data'
      : `steps 1 to ${firstFinal} can be undone without losing data; from step ${firstFinal + 1} on only a restore brings back what is dropped`,
  ];
}

function work(step: Extract<Step, { kind: 'backfill' }>): string {
  if (step.work.kind === 'sql') return step.work.sql;
  const sets = Object.entries(step.work.set).map(([column, value]) => `${column} = ${value}`);
  const where = step.work.where === undefined ? '' : ` where ${step.work.where}`;
  return `update ${step.table.schema}.${step.table.name} set ${sets.join(', ')}${where}`;
}

function expectation(expect: Extract<Step, { kind: 'check' }>['expect']): string {
  return expect.kind === 'no-rows' ? 'without rows' : String(expect.value);
}

function rows(estimate: number): string {
  return estimate < 0 ? 'an unknown number of rows' : `${count(Math.round(estimate))} rows`;
}

const indent = (sql: string) =>
  sql
    .trim()
    .split('\n')
    .map((line) => `       ${line}`)
    .join('\n');
const field = (name: string, value: string) => `       ${color.dim(name.padEnd(9))}${value}`;
const oneLine = (sql: string) => sql.trim().replaceAll(/\s+/g, ' ');
