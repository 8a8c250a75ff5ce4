import { type Estimate, estimate } from '../hazards/estimate.ts';
import type { Work } from '../hazards/rule.ts';
import type { StepId } from '../ids.ts';
import type { Plan, StatementStep, Step } from '../plan/plan.ts';
import {
  type SizeKnowledge,
  sumOfEstimates,
  timeOfStatement,
  workOfStatement,
} from '../plan/statement-time.ts';
import { writeName } from '../sql/sql-name.ts';

/** How long a step works, and what it writes anew. */
export interface Forecast {
  readonly stepId: StepId;
  /** The time of waiting for locks, gates and windows is not in it. */
  readonly time: Estimate;
  /** Undefined: nothing that grows with a table, or its size is not known. */
  readonly copy: Copy | undefined;
}

export interface Copy {
  /** At most, beside what is there; as much WAL comes with it. */
  readonly bytes: number;
  readonly basis: string;
}

/** How large a table is; its partitions are counted in. */
export interface TableSize {
  /** As in SQL, the way it was asked for. */
  readonly table: string;
  readonly heapBytes: number;
  readonly indexBytes: number;
}

/** What a rehearsal of the same files measured, by step. */
export interface Measured {
  readonly where: string;
  readonly times: ReadonlyMap<string, { readonly ms: number } | { readonly rowsPerSecond: number }>;
}

/**
 * A B-tree entry: 8 bytes of header, 4 of line pointer, a key of 20 and its alignment; pages are
 * filled to 90% (PostgreSQL documentation, fillfactor): (8 + 4 + 24) / 0.9.
 */
const INDEX_BYTES_A_ROW = 40;

/** One for each step that changes something, in their order. */
export function forecasts(
  plan: Plan,
  knowledge: SizeKnowledge & {
    readonly sizes: readonly TableSize[];
    /** Newest first. */
    readonly measured: readonly Measured[];
  },
): readonly Forecast[] {
  return plan.steps.flatMap((step): readonly Forecast[] => {
    if (step.kind === 'check') return [];
    const { stepId } = step;
    const time = measuredTime(step, knowledge.measured) ?? estimated(step, plan, knowledge);
    return [{ stepId, time, copy: copyOf(step, plan, knowledge) }];
  });
}

/** What the steps write anew, the most first; those that write nothing are left out. */
export function largestCopies(
  forecasts: readonly Forecast[],
): readonly (Copy & Pick<Forecast, 'stepId'>)[] {
  return forecasts
    .flatMap(({ stepId, copy }) => (copy === undefined ? [] : [{ stepId, ...copy }]))
    .toSorted((a, b) => b.bytes - a.bytes);
}

function measuredTime(step: Step, measured: readonly Measured[]): Estimate | undefined {
  for (const { where, times } of measured) {
    const found = times.get(step.stepId);
    if (found === undefined) continue;
    if ('ms' in found) {
      return { kind: 'range', fromMs: found.ms, toMs: found.ms, basis: `it took that in ${where}` };
    }
    if (step.kind !== 'backfill' || step.estimatedRows < 0 || found.rowsPerSecond <= 0) continue;
    const ms = Math.ceil((step.estimatedRows / found.rowsPerSecond) * 1000);
    const basis = `about ${step.estimatedRows} rows at the ${Math.round(found.rowsPerSecond)} a second that were measured in ${where}`;
    return { kind: 'range', fromMs: ms, toMs: ms, basis };
  }
  return undefined;
}

function estimated(
  step: Exclude<Step, { kind: 'check' }>,
  plan: Plan,
  knowledge: SizeKnowledge,
): Estimate {
  if (step.kind === 'backfill') {
    const { schema, name } = step.table;
    const rows = step.estimatedRows < 0 ? undefined : step.estimatedRows;
    return estimate('rows', rows, `${schema}.${name}`);
  }
  return sumOfEstimates(textsOf(step).map((sql) => timeOfStatement(sql, plan, knowledge)));
}

function copyOf(
  step: Exclude<Step, { kind: 'check' }>,
  plan: Plan,
  knowledge: SizeKnowledge & { readonly sizes: readonly TableSize[] },
): Copy | undefined {
  if (step.kind === 'backfill') {
    const { schema, name } = step.table;
    const rows = step.estimatedRows < 0 ? undefined : step.estimatedRows;
    return copied('rows', `"${schema}"."${name}"`, rows, knowledge.sizes);
  }
  const copies = textsOf(step).flatMap((sql) => {
    const found = workOfStatement(sql, plan, knowledge);
    if (found.kind !== 'work') return [];
    return copied(found.work, writeName(found.relation), found.rows, knowledge.sizes) ?? [];
  });
  if (copies.length < 2) return copies[0];
  return {
    bytes: copies.reduce((total, { bytes }) => total + bytes, 0),
    basis: copies.map(({ basis }) => basis).join('; '),
  };
}

function copied(
  work: Work,
  table: string,
  rows: number | undefined,
  sizes: readonly TableSize[],
): Copy | undefined {
  const size = sizes.find((each) => each.table === table);
  switch (work) {
    case 'scan':
    case 'lookup':
      return undefined;
    case 'index':
      return rows === undefined
        ? undefined
        : {
            bytes: rows * INDEX_BYTES_A_ROW,
            basis: `${INDEX_BYTES_A_ROW} bytes for each of about ${rows} rows of ${table}`,
          };
    case 'rewrite':
      return size && { bytes: whole(size), basis: `${table} with its indexes, written anew` };
    case 'rows':
      return (
        size && {
          bytes: whole(size),
          basis: `another version of each row of ${table}, and of its index entries where an update is not HOT`,
        }
      );
  }
}

function whole({ heapBytes, indexBytes }: TableSize): number {
  return heapBytes + indexBytes;
}

function textsOf({ action }: StatementStep): readonly string[] {
  return [action.sql, ...(action.together ?? [])];
}
