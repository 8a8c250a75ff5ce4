import bytes from 'bytes';
import color from 'picocolors';
import type { Severity } from '../../core/hazards/finding.ts';
import { LOCK_LADDER, LONGEST_LOCK_WAIT_MS } from '../../core/plan/lock-ladder.ts';
import type { Action, PlannedFinding, Step, Undo, WayBack } from '../../core/plan/plan.ts';
import { blockedBy } from '../../core/sql/lock-conflicts.ts';
import { count, duration } from './durations.ts';

/**
 * One step: its SQL, the lock it takes and whom that blocks, how long it may wait, and how to
 * return from it.
 * @param number its place in the plan, from 1
 */
export function stepView(step: Step, number: number): readonly string[] {
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
          `${duration(step.pacing.targetBatchMs)}, ${count(step.pacing.minRows)} to ${count(step.pacing.maxRows)} rows${most(step)}, by ${step.key.map((column) => column.name).join(', ')}${quiet(step)}${workers(step)}`,
        ),
        ...parity(step.parity),
        ...wayBack(step.wayBack, step.undo),
      ];
    case 'statement':
      return [
        head,
        ...sqlOf(step.action).map(indent),
        field('locks', locks(step.action)),
        field('waits', waits(step.action)),
        ...step.findings.flatMap(findingView),
        ...wayBack(step.wayBack, step.undo),
      ];
  }
}

const SEVERITY_COLORS: Readonly<Record<Severity, (text: string) => string>> = {
  error: color.red,
  warning: color.yellow,
  info: color.blue,
};

function findingView({ rule, severity, message, acceptedBecause }: PlannedFinding) {
  const shown = SEVERITY_COLORS[severity](`${severity} ${rule}`);
  return acceptedBecause === undefined
    ? [field('hazard', `${shown}: ${message}`)]
    : [field('hazard', `${shown}: ${message}`), field('', `accepted: ${acceptedBecause}`)];
}

/** Statements that commit together are shown with their semicolons. */
function sqlOf({ sql, together = [] }: Action): readonly string[] {
  return together.length === 0 ? [sql] : [sql, ...together].map((each) => `${each};`);
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

function wayBack(back: WayBack, undo: Undo): readonly string[] {
  const colored = back.kind === 'operational' ? color.red : color.green;
  const undone =
    undo.kind === 'statement'
      ? sqlOf(undo.action).join(' ')
      : undo.kind === 'nothing'
        ? undo.why
        : `none: ${undo.why}`;
  return [
    field('undo', oneLine(undone)),
    field('way back', `${colored(back.kind)}; loses ${back.loses}`),
  ];
}

function work(step: Extract<Step, { kind: 'backfill' }>): string {
  if (step.work.kind === 'sql') return step.work.sql;
  const sets = Object.entries(step.work.set).map(([column, value]) => `${column} = ${value}`);
  const where = step.work.where === undefined ? '' : ` where ${step.work.where}`;
  return `update ${step.table.schema}.${step.table.name} set ${sets.join(', ')}${where}`;
}

/** The longer batches of quiet hours. */
function quiet({ pacing }: Extract<Step, { kind: 'backfill' }>): string {
  return pacing.quiet === undefined
    ? ''
    : `; ${duration(pacing.quiet.targetBatchMs)} in quiet hours`;
}

/** How much one batch may write, where somebody chose it. */
function most({ pacing }: Extract<Step, { kind: 'backfill' }>): string {
  return pacing.maxBytes === undefined ? '' : ` and ${bytes.format(pacing.maxBytes)} at most`;
}

/** More than one transaction at a time has to be known before it is approved. */
function workers({ pacing }: Extract<Step, { kind: 'backfill' }>): string {
  return pacing.workers === undefined ? '' : `; ${pacing.workers} workers at once`;
}

/** What is compared before contract; nothing is said where nothing is. */
function parity(compared: Extract<Step, { kind: 'backfill' }>['parity']): readonly string[] {
  if (compared === undefined) return [];
  const names = compared.pairs.map(({ name }) => name).join(', ');
  const repair = compared.onMismatch === 'repair' ? ', repaired where it differs' : '';
  return [field('parity', `${names} compared with the old structure before contract${repair}`)];
}

function expectation(expect: Extract<Step, { kind: 'check' }>['expect']): string {
  return expect.kind === 'no-rows' ? 'no rows' : String(expect.value);
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
