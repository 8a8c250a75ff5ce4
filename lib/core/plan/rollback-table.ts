import type { Estimate } from '../hazards/estimate.ts';
import type { EpochMs, ExecutionId, StepId } from '../ids.ts';
import type { Measured } from '../preflight/forecast.ts';
import type { CatalogView } from '../sql/catalog.ts';
import type { SqlParser } from '../sql/parser.ts';
import type { BackfillStep, Phase, Plan, StatementStep, Undo, WayBack } from './plan.ts';
import { sumOfEstimates, timeOfStatement } from './statement-time.ts';
import { undoStatements } from './undo-statements.ts';

/** The answer to "could we roll this back safely right now?" for one step that changes something. */
export interface RollbackRow {
  /** Its place in the plan, from 1. */
  readonly number: number;
  readonly stepId: StepId;
  readonly phase: Phase;
  readonly wayBack: WayBack['kind'];
  /** What takes it back: SQL, or why nothing does. */
  readonly undo: string;
  /** How long that takes, and where the number is from. */
  readonly time: RollbackTime;
  /** What would be lost, in plain words. */
  readonly loses: string;
  readonly rehearsed: Rehearsed;
}

export type RollbackTime = Estimate | { readonly kind: 'nothing'; readonly basis: string };

export type Rehearsed =
  | { readonly kind: 'no' }
  /** `undone`: the undo itself ran there. `applied`: the step did, and was never taken back. */
  | ({ readonly kind: 'undone' | 'applied' } & RehearsalPlace);

interface RehearsalPlace {
  readonly executionId: ExecutionId;
  readonly environment: string;
  readonly at: EpochMs;
}

/** An execution of the same files that has ended, here or in another environment. */
export interface Rehearsal extends RehearsalPlace {
  readonly applied: ReadonlySet<string>;
  readonly undone: ReadonlySet<string>;
  /** How long each step took there. @default not known */
  readonly measured?: Measured['times'];
}

export interface RollbackTable {
  /** Checks are left out: they change nothing. */
  readonly rows: readonly RollbackRow[];
  /** Where structural rollback ends, in plain words. */
  readonly end: string;
  /** All undos before finalize, one after the other. */
  readonly wholeWay: Estimate;
}

export interface RollbackKnowledge {
  readonly parser: SqlParser;
  /** Undefined: sizes are not known. */
  readonly catalog: CatalogView | undefined;
  /** Newest first. */
  readonly rehearsals: readonly Rehearsal[];
}

/** From docs/runbook.md: most of it is RDS making a cluster and its instance. */
const RESTORE: Estimate = {
  kind: 'range',
  fromMs: 10 * 60_000,
  toMs: 40 * 60_000,
  basis:
    'a restore makes a new cluster and its instance, usually in 10 to 40 minutes, and more for a large volume',
};

/** Pure: the same plan and the same knowledge always give the same table. */
export function rollbackTable(plan: Plan, knowledge: RollbackKnowledge): RollbackTable {
  const rows = plan.steps.flatMap((step, index) =>
    step.kind === 'check' ? [] : [rowOf(step, index + 1, plan, knowledge)],
  );
  return { rows, end: endOf(plan), wholeWay: wholeWay(rows) };
}

function rowOf(
  step: StatementStep | BackfillStep,
  number: number,
  plan: Plan,
  knowledge: RollbackKnowledge,
): RollbackRow {
  const { stepId, phase, undo, wayBack } = step;
  return {
    number,
    stepId,
    phase,
    wayBack: wayBack.kind,
    undo: undoText(undo),
    time: wayBack.kind === 'operational' ? RESTORE : timeOf(undo, plan, knowledge),
    loses: wayBack.loses,
    rehearsed: rehearsedIn(knowledge.rehearsals, stepId),
  };
}

function undoText(undo: Undo): string {
  switch (undo.kind) {
    case 'statement':
      return undoStatements(undo.action).join('; ');
    case 'nothing':
      return undo.why;
    case 'irreversible':
      return `none: ${undo.why}`;
  }
}

function timeOf(undo: Undo, plan: Plan, knowledge: RollbackKnowledge): RollbackTime {
  if (undo.kind !== 'statement') return { kind: 'nothing', basis: 'no statement is run' };
  return sumOfEstimates(
    undoStatements(undo.action).map((sql) => timeOfStatement(sql, plan, knowledge)),
  );
}

function rehearsedIn(rehearsals: readonly Rehearsal[], stepId: StepId): Rehearsed {
  const undone = rehearsals.find((each) => each.undone.has(stepId));
  if (undone !== undefined) return { kind: 'undone', ...placeOf(undone) };
  const applied = rehearsals.find((each) => each.applied.has(stepId));
  return applied === undefined ? { kind: 'no' } : { kind: 'applied', ...placeOf(applied) };
}

const placeOf = ({ executionId, environment, at }: Rehearsal) => ({ executionId, environment, at });

function endOf({ steps, snapshots }: Plan): string {
  const first = steps.findIndex(({ phase }) => phase === 'finalize');
  if (first < 0) {
    return 'structural rollback never ends: every step of this plan can be undone without losing data';
  }
  const step = `step ${first + 1}`;
  const until = first === 0 ? '' : ` until then every step can be undone without losing data;`;
  const after =
    snapshots.beforeExpand === 'required' || snapshots.beforeContract === 'required'
      ? 'only a restore brings back what is dropped, without the writes since the snapshot'
      : 'nothing brings back what is dropped, because no snapshot is taken';
  return `structural rollback ends with finalize (${step}) and nowhere before it:${until} from there on ${after}`;
}

function wholeWay(rows: readonly RollbackRow[]): Estimate {
  return sumOfEstimates(
    rows.flatMap(({ wayBack, time }) =>
      wayBack === 'operational' || time.kind === 'nothing' ? [] : [time],
    ),
  );
}
