import { type Eta, eta, lastOf, type Meter } from '../../core/backfill/meter.ts';
import { crewSize } from '../../core/backfill/split.ts';
import type { Strategy } from '../../core/backfill/strategy.ts';
import { type EpochMs, epochMs } from '../../core/ids.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import type { BatchFigures, StepProgress } from '../../ports/control-store.ts';
import type { Checkpoint } from '../../postgres/backfill/checkpoint.ts';
import { walksPages } from '../../postgres/backfill/page-walk.ts';
import type { Governor } from './governor.ts';

/** How one worker is doing. */
export interface PartFigures {
  /** False while it waits for its turn. */
  readonly begun: boolean;
  readonly checkpoint: Checkpoint;
  readonly meter: Meter;
  /** The size of the next batch, and what the last one took. */
  readonly batch: { readonly rows: number; readonly ms: number };
  /** Why it does not go on for now, where that is not the governor's doing: a lock, a full disk. */
  readonly heldBy: string | undefined;
}

export interface ProgressFacts {
  readonly step: BackfillStep;
  readonly governor: Governor;
  /** At least one. */
  readonly parts: readonly PartFigures[];
  /** How many may be at work at once, as planned or as tuned. */
  readonly atOnce: number;
  readonly now: EpochMs;
  readonly batches: readonly BatchFigures[];
  /** Why batches do not grow; undefined: nothing but their time limits them. */
  readonly limit: string | undefined;
}

/** The figures of a backfill, and why it goes as it goes. */
export function progressOf(facts: ProgressFacts): StepProgress {
  const { step, governor, parts, now, batches } = facts;
  const left = parts.filter(({ checkpoint }) => checkpoint.position.kind !== 'end');
  const begun = left.filter(({ begun: hasBegun }) => hasBegun);
  const open = begun.length === 0 ? left : begun;
  const ended = left.length === 0;
  const total = sumOf(parts, ({ checkpoint }) => totalOf(checkpoint));
  const rates = (ended ? parts : open).flatMap(({ meter }) => meter.rate ?? []);
  const queued = sumOf(
    left.filter((part) => !open.includes(part)),
    keysLeft,
  );
  const time = ended ? undefined : lastOf(open.map((part) => timeLeft(part, queued, open.length)));
  const reason = reasonOf(facts, open);
  return {
    stepId: step.stepId,
    kind: 'backfill',
    state: ended ? 'done' : reason === undefined ? 'running' : 'held',
    startedAt: epochMs(Math.min(...parts.map(({ checkpoint }) => checkpoint.startedAtMs))),
    updatedAt: now,
    rowsDone: sumOf(parts, ({ checkpoint }) => checkpoint.keysWalked) ?? 0,
    rowsMoved: sumOf(parts, ({ checkpoint }) => checkpoint.rowsMoved) ?? 0,
    ...(total !== undefined && { rowsTotal: total }),
    ...(rates.length > 0 && {
      rowsPerSecond: Math.round(rates.reduce((sum, rate) => sum + rate, 0)),
    }),
    ...(time !== undefined && {
      etaMs: Math.round(time.ms),
      etaEarliestMs: Math.round(time.earliestMs),
      etaLatestMs: Math.round(time.latestMs),
    }),
    ...(reason !== undefined && !ended && { heldBy: reason }),
    ...(!ended && governor.signals.length > 0 && { load: governor.signals }),
    ...(batches.length > 0 && { batches }),
    note: ended ? summary(parts) : explanation(facts, open, reason),
  };
}

/** @param queued keys of parts that wait for their turn, which are shared among `count` */
function timeLeft(part: PartFigures, queued: number | undefined, count: number): Eta | undefined {
  const own = keysLeft(part);
  const known = own !== undefined && queued !== undefined;
  return eta(part.meter, known ? own + queued / count : undefined);
}

function keysLeft({ checkpoint }: PartFigures): number | undefined {
  const total = totalOf(checkpoint);
  return total === undefined ? undefined : total - checkpoint.keysWalked;
}

/** Why nothing goes on: the governor, or what holds every worker that is not done. */
function reasonOf({ governor }: ProgressFacts, open: readonly PartFigures[]): string | undefined {
  const waiting = open.flatMap(({ heldBy }) => heldBy ?? []);
  const ofAll = waiting.length === open.length ? waiting[0] : undefined;
  return ofAll ?? (governor.state.kind === 'held' ? governor.state.reason : undefined);
}

/** Undefined when one of the numbers is. */
function sumOf(
  parts: readonly PartFigures[],
  number: (part: PartFigures) => number | undefined,
): number | undefined {
  return parts.reduce<number | undefined>((sum, part) => {
    const next = number(part);
    return sum === undefined || next === undefined ? undefined : sum + next;
  }, 0);
}

/** The estimate is corrected by what was found: more rows than estimated, or the end. */
function totalOf({ estimatedRows, keysWalked, position }: Checkpoint): number | undefined {
  if (position.kind === 'end') return keysWalked;
  return estimatedRows < 0 ? undefined : Math.max(estimatedRows, keysWalked);
}

function summary(parts: readonly PartFigures[]): string {
  const moved = sumOf(parts, ({ checkpoint }) => checkpoint.rowsMoved);
  return [`${moved} rows changed`, ...quarantined(parts)].join('; ');
}

function explanation(
  facts: ProgressFacts,
  open: readonly PartFigures[],
  heldBy: string | undefined,
): string {
  const {
    governor: { strategy, remarks },
    parts,
  } = facts;
  const order = `${inPass(parts)}${stridesOf(strategy)}`;
  return [
    ...(heldBy === undefined ? [] : [`held: ${heldBy}`]),
    `${order}: ${strategy.reason}`,
    ...crew(facts, open),
    ...(heldBy === undefined ? waiting(open) : []),
    sizes(open),
    ...(facts.limit === undefined ? [] : [facts.limit]),
    ...quarantined(parts),
    ...remarks,
  ].join('; ');
}

function stridesOf(strategy: Strategy): string {
  if (strategy.kind === 'plain') return 'plain ranges';
  const { modulus, shares } = strategy;
  const visits = shares === undefined ? '' : `, ${shares.join(' ')} rows of a page`;
  return `strided by ${modulus}${visits}`;
}

/** In which pass it is, where one is not all there is. */
function inPass([first]: readonly PartFigures[]): string {
  const stage = first?.checkpoint.position;
  if (stage?.kind === 'closing') return 'looking in one snapshot for rows that moved meanwhile, ';
  if (stage?.kind !== 'pass') return '';
  const order = stage.by === 'key' ? 'by the key' : 'page by page, as the key is in random order';
  return stage.pass === 1 ? `${order}, ` : `pass ${stage.pass}, ${order}, `;
}

/** How many workers there are, where more than one was wanted. */
function crew(
  { step, parts, atOnce }: ProgressFacts,
  open: readonly PartFigures[],
): readonly string[] {
  const wanted = step.pacing.workers ?? 1;
  const done = parts.filter(({ checkpoint }) => checkpoint.position.kind === 'end').length;
  if (parts.some(({ checkpoint }) => checkpoint.partition !== undefined)) {
    const crewOf = atOnce > 1 ? [`${atOnce} workers`] : [];
    return [...crewOf, `partition by partition: ${done} of ${parts.length} done`];
  }
  if (wanted === 1 && parts.length === 1) return [];
  const estimatedRows = sumOf(parts, ({ checkpoint }) => checkpoint.estimatedRows) ?? -1;
  const { because } = crewSize({ wanted, byPage: walksPages(step), estimatedRows });
  const number = parts.length === 1 ? '1 worker' : `${parts.length} workers`;
  const resting = Math.max(0, open.length - atOnce);
  return [
    ...(because === undefined || parts.length === wanted ? [number] : [`${number}, ${because}`]),
    ...(done === 0 ? [] : [`${done} of them done`]),
    ...(resting === 0 ? [] : [`${resting} of them at rest, as tuned`]),
  ];
}

function waiting(open: readonly PartFigures[]): readonly string[] {
  const reasons = open.flatMap(({ heldBy }) => heldBy ?? []);
  return reasons.length === 0 ? [] : [`${reasons.length} of them waits: ${reasons[0]}`];
}

/** Of the next batch, and what the last one took. */
function sizes(open: readonly PartFigures[]): string {
  const rows = open.map(({ batch }) => batch.rows);
  const [least, most] = [Math.min(...rows), Math.max(...rows)];
  const ms = Math.round(Math.max(...open.map(({ batch }) => batch.ms)));
  const size = least === most ? `${least} rows` : `${least} to ${most} rows`;
  return `batches of ${size}, the last took ${open.length === 1 ? '' : 'up to '}${ms} ms`;
}

function quarantined(parts: readonly PartFigures[]): readonly string[] {
  const rows = sumOf(parts, ({ checkpoint }) => checkpoint.rowsQuarantined) ?? 0;
  return rows === 0 ? [] : [`${rows} rows set aside`];
}
