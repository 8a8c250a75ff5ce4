import type { BackfillNewsKind, LockkeeperEvent } from '../../core/executions/event.ts';
import type { BackfillHold, StepProgress } from '../../ports/control-store.ts';

/** What is worth telling to whoever does not watch. */
export interface BackfillNews {
  readonly kind: BackfillNewsKind;
  readonly reason?: string;
  readonly facts: NonNullable<LockkeeperEvent['facts']>;
}

/** The figures to keep, and what is new in them. */
export interface Followed {
  readonly figures: StepProgress;
  readonly news: readonly BackfillNews[];
}

/**
 * A hold is over when rows have moved for this long: a load that comes and goes every few seconds, or a
 * lock that is tried again and again, is one hold, told once.
 */
const CALM_MS = 60_000;

/**
 * Compares the figures of a backfill with those before them. Each tenth of the rows, a hold and its end
 * are told once, also over many calls; one that is killed before it kept the figures may tell it again.
 *
 * @param before the last ones that were kept, by whichever call. @default - there are none
 */
export function followed(before: StepProgress | undefined, now: StepProgress): Followed {
  const isComparison = now.parity !== undefined;
  // A call that comes to go on comparing first finds that all rows are moved, which is known.
  const isRepeated = hasEnded(before) && !isComparison;
  const { hold, news } = isRepeated ? { hold: before?.hold, news: [] } : holdAfter(before, now);
  const isFurther = !isComparison && tenthOf(now) > tenthOf(before, now);
  return {
    figures: { ...now, ...(hold !== undefined && { hold }) },
    news: [...news, ...(isFurther ? [progressed(now)] : [])],
  };
}

/** Whether all rows are moved; while old and new are compared, they are. */
function hasEnded(step: StepProgress | undefined): boolean {
  return step?.state === 'done' || step?.parity !== undefined;
}

/**
 * Tenths of the rows that are passed by. The tenth one is the end and nothing else: an estimate may be
 * too low.
 * @param next has the total where a step that failed or was undone has lost its own
 */
function tenthOf(step: StepProgress | undefined, next?: StepProgress): number {
  if (step === undefined || step.state === 'undone') return 0;
  if (hasEnded(step)) return 10;
  return Math.min(9, Math.floor(share(step.rowsDone, step.rowsTotal ?? next?.rowsTotal) * 10));
}

function share(rowsDone = 0, rowsTotal = 0): number {
  return rowsTotal === 0 ? 0 : rowsDone / rowsTotal;
}

function progressed(now: StepProgress): BackfillNews {
  const { stepId, rowsDone, rowsTotal, rowsPerSecond, etaMs, etaEarliestMs, etaLatestMs } = now;
  const last = now.batches?.at(-1);
  const percent = Math.min(99, Math.floor(share(rowsDone, rowsTotal) * 100));
  return {
    kind: 'BackfillProgressed',
    facts: known({
      step: stepId,
      rowsDone,
      rowsTotal,
      percent: hasEnded(now) ? 100 : percent,
      rowsPerSecond,
      etaMs,
      etaEarliestMs,
      etaLatestMs,
      batchRows: last?.rows,
      batchMs: last?.ms,
    }),
  };
}

function holdAfter(
  before: StepProgress | undefined,
  now: StepProgress,
): { readonly hold: BackfillHold | undefined; readonly news: readonly BackfillNews[] } {
  const hold = before?.hold;
  if (now.state === 'held') {
    if (hold === undefined) return { hold: { since: now.updatedAt }, news: [held(now)] };
    return { hold: { since: hold.since }, news: [] };
  }
  if (hold === undefined) return { hold, news: [] };
  const { since, wentOnAt = now.updatedAt } = hold;
  const isOver = now.state === 'done' || now.updatedAt - wentOnAt >= CALM_MS;
  if (!isOver) return { hold: { since, wentOnAt }, news: [] };
  const facts = { step: now.stepId, heldMs: wentOnAt - since };
  return { hold: undefined, news: [{ kind: 'BackfillWentOn', facts }] };
}

/** With each signal that holds, as `replicaLag`, and where it does, as `replicaLagHoldsAt`. */
function held({ stepId, rowsDone, heldBy, load = [] }: StepProgress): BackfillNews {
  const signals = load
    .filter(({ holds }) => holds)
    .flatMap(({ signal, value, holdsAt, goesOnAt }) => [
      [signal, value],
      [`${signal}HoldsAt`, holdsAt],
      [`${signal}GoesOnAt`, goesOnAt],
    ]);
  return {
    kind: 'BackfillHeld',
    ...(heldBy !== undefined && { reason: heldBy }),
    facts: known({ step: stepId, rowsDone, ...Object.fromEntries(signals) }),
  };
}

function known(
  facts: Readonly<Record<string, string | number | undefined>>,
): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
